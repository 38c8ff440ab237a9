import { rungsOf, type ClimbedRung, type Rung } from '../catalog/verification.ts'
import { bars } from './charts.ts'
import { failureSentence } from './failure.ts'
import { formatBytes, formatDuration, formatTime } from './format.ts'
import { contentsSentence, serverName } from './source-words.ts'
import type { Block, Cell } from './summary.ts'
import { failedRung, isVerified, type VerificationReport } from './verification-report.ts'

const TITLES: Readonly<Record<Rung, string>> = {
  manifest: 'Manifest',
  stored: 'Stored bytes',
  opened: 'Decryption',
  unpacked: 'Decompression',
  restored: 'Restore',
  equal: 'Equal to the snapshot',
  references: 'References',
  views: 'Materialized views',
  searches: 'Searches',
  expectations: 'Expectations',
  amcheck: 'Indexes (amcheck)',
  'negative-control': 'Negative control',
  time: 'Time to restore',
}

const WORDS: Readonly<Record<ClimbedRung['outcome'], string>> = {
  passed: 'passed',
  failed: 'FAILED',
  'not-measured': 'NOT MEASURED',
  skipped: 'nothing to do',
}

/** What the job's summary says of a verification. */
export function verificationSummary(report: VerificationReport): Block[] {
  return [
    { kind: 'heading', level: 2, text: `${headline(report)}: ${report.backup.name}` },
    ...opening(report),
    facts(report),
    { kind: 'heading', level: 3, text: 'The ladder' },
    ladderTable(report),
    ...report.rungs.flatMap(details),
    ...phases(report),
    ...listed('Notes', [...report.notes, ...report.rungs.flatMap(({ notes = [] }) => notes)]),
  ]
}

function headline(report: VerificationReport): string {
  if (report.failure !== undefined) return 'NOT VERIFIED'
  if (report.verdict === 'failed') return 'Verification FAILED'
  if (!isVerified(report)) return 'NOT VERIFIED'
  return failedRung(report) ? 'Verified, with something to look at' : 'Verified'
}

function opening(report: VerificationReport): Block[] {
  if (report.failure !== undefined) {
    return [
      {
        kind: 'paragraph',
        text: `Something around the backup failed, so nothing is known of it. ${failureSentence(report.failure)}`,
      },
    ]
  }
  if (report.withoutIdentity) {
    return [
      {
        kind: 'paragraph',
        text: 'This step has no identity, so it proved only what can be seen from outside. Add a drill identity in one minute:',
      },
      {
        kind: 'code',
        language: 'bash',
        lines: [
          'age-keygen -o drill.txt                     # a key for drills only; the recovery key stays offline',
          'gh secret set AGE_IDENTITY < drill.txt      # and in the step: env: AGE_IDENTITY: ${{ secrets.AGE_IDENTITY }}',
          'age-keygen -y drill.txt                     # add this line to age-recipients of the backup step, beside the other',
        ],
      },
      { kind: 'paragraph', text: 'From the next backup on the whole ladder is climbed.' },
    ]
  }
  const failed = failedRung(report)
  if (!failed) return []
  return [{ kind: 'paragraph', text: `${TITLES[failed.rung]}: ${failed.summary}` }]
}

function facts(report: VerificationReport): Block {
  const { manifest, backup, store, folder, totals, rtoSeconds, recordKey } = report
  const size = manifest?.artifacts.reduce((sum, { bytes }) => sum + bytes, 0)
  const rows: Cell[][] = [
    ['Backup', { code: backup.id }],
    ...(manifest
      ? [
          ['Snapshot', formatTime(new Date(manifest.snapshot.time))],
          ['Server', serverName(manifest)],
        ]
      : []),
    ['Store', store],
    ['Folder', { code: folder }],
    ...(size === undefined ? [] : [['Stored', formatBytes(size)]]),
    ...(totals
      ? [['Contents', contentsSentence(manifest, { parts: totals.tables, rows: totals.rows })]]
      : []),
    ...(rtoSeconds === undefined ? [] : [['Time to restore', formatDuration(rtoSeconds * 1000)]]),
    ['Recorded', recordKey === undefined ? 'nothing' : { code: recordKey.slice(folder.length) }],
  ]
  return { kind: 'table', columns: [{ title: 'What' }, { title: 'Value' }], rows }
}

/** All rungs, those too that the climb did not reach. */
function ladderTable({ rungs, manifest }: VerificationReport): Block {
  const rows = rungsOf(manifest?.source ?? 'postgres').flatMap((name): Cell[][] => {
    const rung = rungs.find((each) => each.rung === name)
    if (!rung) {
      const optional = name === 'amcheck' || name === 'negative-control'
      return optional ? [] : [[TITLES[name], 'NOT MEASURED', 'not reached', '']]
    }
    return [[TITLES[name], WORDS[rung.outcome], rung.summary, formatDuration(rung.seconds * 1000)]]
  })
  return {
    kind: 'table',
    columns: [
      { title: 'Rung' },
      { title: 'Result' },
      { title: 'What was seen' },
      { title: 'Time', numeric: true },
    ],
    rows,
  }
}

function details({ rung, findings = [], warnings = [] }: ClimbedRung): Block[] {
  if (findings.length === 0 && warnings.length === 0) return []
  const columns = ['What', 'Expected', 'Found'].map((title) => ({ title }))
  const rows = findings.map(({ what, expected, found }): Cell[] => [what, expected, found])
  return [
    { kind: 'heading', level: 3, text: TITLES[rung] },
    ...(findings.length > 0 ? [{ kind: 'table', columns, rows } as const] : []),
    ...(warnings.length > 0 ? [{ kind: 'list', items: warnings } as const] : []),
  ]
}

function phases({ seconds }: VerificationReport): Block[] {
  const slices = Object.entries(seconds).map(([label, value]) => ({ label, value }))
  const chart = bars('Time of each phase', 'seconds', slices)
  if (slices.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: 'Time' },
    {
      kind: 'table',
      columns: [{ title: 'Phase' }, { title: 'Time', numeric: true }],
      rows: slices.map(({ label, value }): Cell[] => [label, formatDuration(value * 1000)]),
    },
    ...(chart ? [{ kind: 'chart', mermaid: chart } as const] : []),
  ]
}

function listed(title: string, items: readonly string[]): Block[] {
  if (items.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: title },
    { kind: 'list', items },
  ]
}
