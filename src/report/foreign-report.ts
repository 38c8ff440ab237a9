import { failureSentence } from './failure.ts'
import { formatBytes, plural } from './format.ts'
import { ladderBlocks, RUNG_TITLES } from './ladder-blocks.ts'
import type { Block, Cell } from './summary.ts'
import { failedRung, type ForeignReport } from './verification-report.ts'

/** What the job's summary says of the verification of a dump of search without a manifest. */
export function foreignSummary(report: ForeignReport): Block[] {
  const { key, store, bytes, totals } = report
  const rows: Cell[][] = [
    ['Archive', { code: key }],
    ['Store', store],
    ['Stored', formatBytes(bytes)],
    ...(totals
      ? [
          [
            'Contents',
            `${plural(totals.tables, 'index', 'indexes')}, ${plural(totals.rows ?? 0, 'document')}`,
          ],
        ]
      : []),
    ['Recorded', 'nothing: it is no backup of Lifeboat'],
  ]
  return [
    { kind: 'heading', level: 2, text: headline(report) },
    ...(report.notes.length > 0 ? [{ kind: 'list', items: report.notes } as const] : []),
    { kind: 'paragraph', text: opening(report) },
    { kind: 'table', columns: [{ title: 'What' }, { title: 'Value' }], rows },
    ...ladderBlocks(report, 'meilisearch'),
  ]
}

function headline(report: ForeignReport): string {
  return report.failure === undefined && failedRung(report)
    ? 'Verification FAILED: an archive without a manifest'
    : 'NOT VERIFIED: an archive without a manifest'
}

function opening(report: ForeignReport): string {
  if (report.failure !== undefined) {
    return `Something around the archive failed, so nothing is known of it. ${failureSentence(report.failure)}`
  }
  const failed = failedRung(report)
  if (failed) return `${RUNG_TITLES[failed.rung]}: ${failed.summary}`
  return 'What could be measured holds. Whether it is what search held only a manifest could tell.'
}
