import { median, medianRatio } from './rounds.ts'
import type { Speed } from './speed.ts'
import { slowestOf, type Side } from './stages-alone.ts'
import { table } from './table.ts'
import type { Verdict } from './verdict.ts'

/** Wall time of the action as a multiple of the pipeline's, the fingerprint off on both sides. */
export function ratioOf({ rounds }: Speed): number {
  return medianRatio(
    rounds.map(({ pipeline, action }) => ({ pipeline: pipeline.seconds, action: action.seconds })),
    'action',
    'pipeline',
  )
}

export function speedVerdicts(speeds: readonly Speed[]): Verdict[] {
  return speeds.map((speed) => ({
    what: `wall time at ${speed.compression.text}, against the shell pipeline`,
    measured: `${ratioOf(speed).toFixed(2)} ×`,
    limit: `at most ${speed.target.toFixed(2)} ×`,
    met: ratioOf(speed) <= speed.target,
  }))
}

export function speedReport(speeds: readonly Speed[]): string {
  return [
    'Wall time, medians of all rounds; "ratio" is the median of the ratios of each round.',
    comparisonTable(speeds),
    'Processor seconds of all programs but the database server and the store, and what the fingerprint adds to the wall time.',
    processorTable(speeds),
    'Each stage alone, with nothing before or after it to wait for, and how far the whole is from its slowest stage.',
    ...speeds.map(stageTable),
  ].join('\n\n')
}

function comparisonTable(speeds: readonly Speed[]): string {
  return table(
    ['compression', 'dump', 'stored', 'rounds', 'shell pipeline', 'action', 'ratio', 'all ratios', 'target'],
    ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'left', 'right'],
    speeds.map((speed) => {
      const { compression, rounds, target } = speed
      return [
        compression.text,
        megabytes(median(rounds.map(({ action }) => action.plain))),
        megabytes(median(rounds.map(({ action }) => action.stored))),
        String(rounds.length),
        seconds(median(rounds.map(({ pipeline }) => pipeline.seconds))),
        seconds(median(rounds.map(({ action }) => action.seconds))),
        ratioOf(speed).toFixed(2),
        rounds.map(({ pipeline, action }) => (action.seconds / pipeline.seconds).toFixed(2)).join(', '),
        `≤ ${target.toFixed(2)}`,
      ]
    }),
  )
}

function processorTable(speeds: readonly Speed[]): string {
  return table(
    ['compression', 'pipeline CPU', 'action CPU', 'with fingerprint', 'its cost'],
    ['left', 'right', 'right', 'right', 'right'],
    speeds.map(({ compression, rounds }) => {
      const digests = rounds.flatMap(({ action, digest }) =>
        digest ? [{ action: action.seconds, digest: digest.seconds }] : [],
      )
      const cost = medianRatio(digests, 'digest', 'action') - 1
      return [
        compression.text,
        seconds(median(rounds.map(({ pipeline }) => pipeline.processor))),
        seconds(median(rounds.map(({ action }) => action.processor))),
        seconds(median(digests.map(({ digest }) => digest))),
        `${cost < 0 ? '−' : '+'}${Math.abs(cost * 100).toFixed(0)} %`,
      ]
    }),
  )
}

function stageTable({ compression, rounds, stages }: Speed): string {
  const whole = (name: string, side: Side): string[] => {
    const wall = median(rounds.map((round) => round[side].seconds))
    return [name, seconds(wall), `${(wall / slowestOf(side, stages)).toFixed(2)} ×`]
  }
  return table(
    [`stage at ${compression.text}`, 'wall time', 'of its slowest stage'],
    ['left', 'right', 'right'],
    [
      ...stages.map(({ stage, seconds: alone }) => [stage, seconds(alone), '']),
      whole('the whole shell pipeline', 'pipeline'),
      whole('the whole action', 'action'),
    ],
  )
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`
}
