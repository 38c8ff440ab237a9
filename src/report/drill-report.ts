import type { DrillLeg, DrillOutcome } from '../catalog/drill.ts'
import { formatDuration, formatTime } from './format.ts'
import type { Block, Cell } from './summary.ts'

/** What a drill has to tell, and who held it. */
export interface DrillReport extends DrillOutcome {
  readonly store: string
  readonly prefix: string
  readonly lifeboat: string
  /** Which run it was: `repository`, `actor`, `workflow` …; empty outside GitHub. */
  readonly run: Readonly<Record<string, string>>
}

/** Every output of `command: drill`, as `action.yml` describes them. */
export function drillOutputs({
  problems,
  totalSeconds,
}: Pick<DrillOutcome, 'problems' | 'totalSeconds'>): Readonly<
  Record<'drill' | 'drill-seconds' | 'drill-problems', string>
> {
  return {
    drill: problems.length === 0 ? 'passed' : 'failed',
    'drill-seconds': totalSeconds.toFixed(1),
    'drill-problems': JSON.stringify(problems),
  }
}

/** The evidence as data. */
export function drillJson(report: DrillReport): unknown {
  const { started, finished, problems, legs, acceptance, totalSeconds, totalTargetSeconds } = report
  return {
    format: 1,
    verdict: problems.length === 0 ? 'passed' : 'failed',
    started: started.toISOString(),
    finished: finished.toISOString(),
    lifeboat: report.lifeboat,
    run: report.run,
    store: report.store,
    prefix: report.prefix,
    totalSeconds,
    totalTargetSeconds,
    problems,
    legs: legs.map((leg) => ({
      ...leg,
      facts: Object.fromEntries(leg.facts),
      recoverySeconds: leg.recoverySeconds ?? null,
    })),
    acceptance,
  }
}

export const OUTCOME_WORDS = {
  passed: 'passed',
  failed: 'FAILED',
  'not-measured': 'NOT MEASURED',
  skipped: 'nothing to do',
} as const

/** How long a recovery took beside what it may take. */
export function recoveryTime({
  recoverySeconds,
  targetSeconds,
}: Pick<DrillLeg, 'recoverySeconds' | 'targetSeconds'>): string {
  const target = formatDuration(targetSeconds * 1000)
  return recoverySeconds === undefined
    ? `NOT MEASURED, of ${target}`
    : `${formatDuration(recoverySeconds * 1000)} of ${target}`
}

/** What the job's summary says of a drill. */
export function drillSummary(report: DrillReport): Block[] {
  const { problems, legs, acceptance, totalSeconds, totalTargetSeconds, started } = report
  const checks = acceptance.map(({ what, outcome, summary }): Cell[] => [
    what,
    OUTCOME_WORDS[outcome],
    summary,
  ])
  return [
    { kind: 'heading', level: 2, text: `Drill ${problems.length === 0 ? 'passed' : 'FAILED'}` },
    ...(problems.length === 0
      ? []
      : ([
          { kind: 'heading', level: 3, text: 'Look at this' },
          { kind: 'list', items: problems },
        ] as const)),
    {
      kind: 'table',
      columns: ['What', 'Recovered in', 'With its proof', 'Verdict'].map((title) => ({ title })),
      rows: [
        ...legs.map((leg): Cell[] => [
          leg.title,
          recoveryTime(leg),
          formatDuration(leg.seconds * 1000),
          leg.problems.length === 0 ? 'passed' : 'FAILED',
        ]),
        [
          'Everything',
          `${formatDuration(totalSeconds * 1000)} of ${formatDuration(totalTargetSeconds * 1000)}`,
          '',
          problems.length === 0 ? 'passed' : 'FAILED',
        ],
      ],
    },
    {
      kind: 'paragraph',
      text: `Begun ${formatTime(started)}, from ${report.store}, ${report.prefix || '/'}.`,
    },
    { kind: 'heading', level: 3, text: 'Acceptance' },
    checks.length === 0
      ? { kind: 'paragraph', text: 'NOT MEASURED: the expectations file has no http entries.' }
      : {
          kind: 'table',
          columns: ['Check', 'Verdict', 'What came'].map((title) => ({ title })),
          rows: checks,
        },
  ]
}
