import { MOST_GROWTH, MOST_RSS } from './memory.ts'
import type { Restores, RestoreRound, VerifyRun } from './restore.ts'
import { median, medianRatio } from './rounds.ts'
import { table } from './table.ts'
import type { Verdict } from './verdict.ts'

/** Wall time of restore-verify as a multiple of the shell lines' that is still good, on two processors. */
const TARGET = 0.85
/** What servers share among their processes is in memory too, in bytes. */
const MEMORY_NOISE = 64e6

export function restoreVerdicts({ rounds, small, plain }: Restores): Verdict[] {
  const ratio = ratioOf(rounds, 'action')
  const large = Math.max(...rounds.flatMap(({ action, digest }) => [action.peaks.rss, digest.peaks.rss]))
  const growth = large / median(small.runs.map(({ peaks }) => peaks.rss)) - 1
  return [
    {
      what: 'wall time of restore-verify, against the shell lines',
      measured: `${ratio.toFixed(2)} ×`,
      limit: `at most ${TARGET.toFixed(2)} ×`,
      met: ratio <= TARGET,
    },
    {
      what: `memory of node at ${megabytes(plain)} of dump against ${megabytes(small.plain)}`,
      measured: `${growth < 0 ? '−' : '+'}${Math.abs(growth * 100).toFixed(0)} %`,
      limit: `at most +${MOST_GROWTH * 100} %`,
      met: growth <= MOST_GROWTH,
    },
    {
      what: 'most memory of node in a verification',
      measured: megabytes(large),
      limit: `below ${megabytes(MOST_RSS)}`,
      met: large < MOST_RSS,
    },
  ]
}

export function restoreReport(restores: Restores): string {
  const { rounds, compression, plain, stored, writes } = restores
  return [
    `A dump of ${megabytes(plain)}, stored as ${megabytes(stored)} at ${compression.text}. Medians of all rounds; "ratio" is the median of the ratios of each round.`,
    table(
      ['who', 'wall time', 'ratio', 'all ratios'],
      ['left', 'right', 'right', 'left'],
      [
        ['the shell lines', seconds(median(rounds.map(({ shell }) => shell))), '1.00', ''],
        rowOf('restore-verify, without a fingerprint', rounds, 'action'),
        rowOf('restore-verify, with every digest', rounds, 'digest'),
      ],
    ),
    `While the backup with the fingerprint was made, somebody wrote into the shop ${writes.toLocaleString('en-US')} times; every verification found it equal to its snapshot.`,
    whereFilesWere(rounds),
    `The fingerprint costs ${signed(costOf(rounds))} of the time without it.`,
    'Where the time goes, medians:',
    phaseTable(rounds),
  ].join('\n\n')
}

function whereFilesWere(rounds: readonly RestoreRound[]): string {
  const most = Math.max(...rounds.flatMap(({ action, digest }) => [action.inMemory, digest.inMemory]))
  return most > MEMORY_NOISE
    ? `The verifications worked in memory (/dev/shm): up to ${megabytes(most)} of files at a time, which is the machine's memory, not node's. The shell lines restore onto the disk, as they do.`
    : 'The verifications worked on the disk, like the shell lines: there was too little memory for their files.'
}

function rowOf(name: string, rounds: readonly RestoreRound[], side: 'action' | 'digest'): string[] {
  return [
    name,
    seconds(median(rounds.map((round) => round[side].seconds))),
    ratioOf(rounds, side).toFixed(2),
    rounds.map((round) => (round[side].seconds / round.shell).toFixed(2)).join(', '),
  ]
}

function ratioOf(rounds: readonly RestoreRound[], side: 'action' | 'digest'): number {
  return medianRatio(
    rounds.map((round) => ({ side: round[side].seconds, shell: round.shell })),
    'side',
    'shell',
  )
}

function costOf(rounds: readonly RestoreRound[]): number {
  return (
    medianRatio(
      rounds.map(({ action, digest }) => ({ digest: digest.seconds, action: action.seconds })),
      'digest',
      'action',
    ) - 1
  )
}

function phaseTable(rounds: readonly RestoreRound[]): string {
  const names = Object.keys(rounds[0]?.digest.phases ?? {})
  const of = (run: (round: RestoreRound) => VerifyRun, name: string): string =>
    seconds(median(rounds.map((round) => run(round).phases[name] ?? 0)))
  return table(
    ['phase', 'without a fingerprint', 'with every digest'],
    ['left', 'right', 'right'],
    names.map((name) => [name, of(({ action }) => action, name), of(({ digest }) => digest, name)]),
  )
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(0)} %`
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`
}
