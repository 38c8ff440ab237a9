import { systemClock } from './catalog/ports.ts'
import { check } from './commands/check.ts'
import { LifeboatError } from './errors.ts'
import type { CheckRequest, StoreRequest } from './inputs/request.ts'
import { BREACH_TITLES, describeBreach } from './report/breach-text.ts'
import { allBreaches, checkJson, checkOutputs, type CheckReport } from './report/check-report.ts'
import { checkSummary } from './report/check-summary.ts'
import { remarksOf } from './report/name-text.ts'
import { endWith, type ReportFile } from './report/report-files.ts'
import type { Reporter } from './report/reporter.ts'
import { statusPage } from './report/status-page.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import { describePolicy } from './retention/policy.ts'
import { VERSION } from './version.ts'
import { openStore, type Run } from './wiring.ts'

/** The page has all. */
const MOST_REMARKS = 20

/** `command: check`: wire → look → report. Changes nothing in the store. Throws where anything is not as it has to be. */
export async function runCheck(request: CheckRequest, { reporter, signal }: Run): Promise<void> {
  const { prefix, name, retention: policy, targets, recipients, expireDays } = request
  const opened: { close(): void }[] = []
  const open = async (place: StoreRequest) => {
    const store = await openStore(place, { journal: uploadJournal(reporter), signal })
    opened.push(store)
    return store
  }
  try {
    const store = await open(request.store)
    const replica = request.replica && {
      store: await open(request.replica.store),
      prefix: request.replica.prefix,
    }
    const wanted = { recipients, least: targets.recipients }
    const around = { store, log: reporter.log, clock: systemClock, signal }
    const outcome = await check({ prefix, name, policy, targets, wanted, expireDays, replica }, around)
    const report: CheckReport = {
      ...outcome,
      store: store.description,
      prefix,
      replica: replica && { store: replica.store.description, prefix: replica.prefix },
      lifeboat: VERSION,
      targets,
      policy: describePolicy(policy),
    }
    await tell(report, request, reporter)
  } finally {
    for (const store of opened) store.close()
  }
}

async function tell(report: CheckReport, { reports }: CheckRequest, reporter: Reporter): Promise<void> {
  const breaches = allBreaches(report)
  for (const breach of breaches) {
    reporter.log.info(`${BREACH_TITLES[breach.kind]}: ${describeBreach(breach).text}`)
  }
  for (const sentence of remarksOf(report.names).slice(0, MOST_REMARKS))
    reporter.log.info(`Worth a look: ${sentence}`)
  for (const sentence of report.notMeasured) reporter.log.notice(`NOT MEASURED: ${sentence}`)
  for (const [name, value] of Object.entries(checkOutputs(report))) reporter.output(name, value)
  await reporter.summary(renderSummary(checkSummary(report), { redact: reporter.redact }))
  const failures = breaches.length > 0 ? [failureOf(report)] : []
  await endWith(failures, [...reportFiles(report, reports, reporter.redact)], reporter.log)
}

function* reportFiles(
  report: CheckReport,
  { json, html }: CheckRequest['reports'],
  redact: Reporter['redact'],
): Generator<ReportFile> {
  if (json !== undefined)
    yield { path: json, content: redact(`${JSON.stringify(checkJson(report), null, 2)}\n`) }
  if (html !== undefined) yield { path: html, content: statusPage(report, redact) }
}

/** One error that says all of it. */
function failureOf(report: CheckReport): LifeboatError {
  const breaches = allBreaches(report)
  const said = breaches.map((breach) => ({ title: BREACH_TITLES[breach.kind], ...describeBreach(breach) }))
  const [first] = said
  if (first && said.length === 1) {
    return new LifeboatError('breach', `${first.title}: ${first.text}`, { hint: first.hint })
  }
  const lines = said.map(({ title, text }) => `${title}: ${text}`)
  return new LifeboatError(
    'breach',
    [`${said.length} things are not as they have to be.`, ...lines].join('\n'),
    {
      hint: 'The summary of this step says what to do about each.',
    },
  )
}
