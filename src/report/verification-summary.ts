import { failureSentence } from './failure.ts'
import { formatBytes, formatDuration, formatTime } from './format.ts'
import { ladderBlocks, RUNG_TITLES } from './ladder-blocks.ts'
import { contentsSentence, serverName } from './source-words.ts'
import type { Block, Cell } from './summary.ts'
import { failedRung, isVerified, type VerificationReport } from './verification-report.ts'

/** What the job's summary says of a verification. */
export function verificationSummary(report: VerificationReport): Block[] {
  return [
    { kind: 'heading', level: 2, text: `${headline(report)}: ${report.backup.name}` },
    // How well it was fenced in comes before everything that came of it.
    ...(report.notes.length > 0 ? [{ kind: 'list', items: report.notes } as const] : []),
    ...opening(report),
    facts(report),
    ...ladderBlocks(report, report.manifest?.source ?? 'postgres'),
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
  return [{ kind: 'paragraph', text: `${RUNG_TITLES[failed.rung]}: ${failed.summary}` }]
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
