import { systemClock } from './catalog/ports.ts'
import { list } from './commands/list.ts'
import type { ListRequest } from './inputs/request.ts'
import { listJson, listLines, listSummary, listWarning } from './report/list-report.ts'
import { endWith } from './report/report-files.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import { openStore, type Run } from './wiring.ts'

/** `command: list`: wire → list → report. Changes nothing in the store. */
export async function runList(request: ListRequest, { reporter, signal }: Run): Promise<void> {
  const { prefix, name } = request
  const store = await openStore(request.store, { journal: uploadJournal(reporter), signal })
  try {
    const listed = await list({ prefix, name }, { store, clock: systemClock, signal })
    const report = { ...listed, store: store.description, prefix }
    for (const line of listLines(report)) reporter.log.info(line)
    const warning = listWarning(report)
    if (warning !== undefined) reporter.log.warning(warning)
    const backups = listJson(report)
    reporter.output('backups', JSON.stringify(backups))
    await reporter.summary(renderSummary(listSummary(report), { redact: reporter.redact }))
    const content = `${JSON.stringify(backups, null, 2)}\n`
    const files = request.report === undefined ? [] : [{ path: request.report, content }]
    await endWith([], files, reporter.log)
  } finally {
    store.close()
  }
}
