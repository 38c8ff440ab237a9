import { systemClock } from './catalog/ports.ts'
import { drill, type AcceptanceCheck } from './commands/drill.ts'
import { readCatalog } from './commands/read-catalog.ts'
import { LifeboatError } from './errors.ts'
import type { DrillRequest } from './inputs/request.ts'
import { checkHttp } from './proof/http-check.ts'
import { drillPage } from './report/drill-page.ts'
import { drillJson, drillOutputs, drillSummary, type DrillReport } from './report/drill-report.ts'
import { failureSentence } from './report/failure.ts'
import { tellInIssue } from './report/github-issue.ts'
import { endWith } from './report/report-files.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import { drillSteps, type Recoverable } from './run-drill-steps.ts'
import { readDeclarations } from './run-reindex-plans.ts'
import { readExpectations } from './run-restore-verify.ts'
import { VERSION } from './version.ts'
import { openStore, type Run } from './wiring.ts'

/** `command: drill`: the recovery of every name under the prefix, and of search, acceptance, evidence. */
export async function runDrill(request: DrillRequest, run: Run): Promise<void> {
  const { reporter, signal, surroundings } = run
  const clock = systemClock
  const expectations = await readExpectations(request.expectations)
  const rebuilt = request.search?.rebuilt
  // What is wrong with the file is told now, not after an hour.
  if (rebuilt) await readDeclarations(rebuilt.declarations)
  const { names, store } = await recoverable(request, run)
  const { steps, search } = drillSteps(request, run, names)
  const acceptance = (expectations?.http ?? []).map(
    (each): AcceptanceCheck =>
      () =>
        checkHttp(each, { clock, signal }),
  )
  const around = { log: reporter.log, clock, signal, totalTargetSeconds: request.totalMs / 1000 }
  const clear = (): Promise<Error[]> => failuresIn(async () => search?.clear())
  const outcome = await drill(steps, acceptance, around).catch(async (error: unknown) => {
    for (const left of await clear()) reporter.log.warning(failureSentence(left))
    throw error
  })
  const leftover = await clear()
  const report = { ...outcome, store, prefix: request.prefix, lifeboat: VERSION, run: surroundings.run }
  await reportDrill(report, request, { ...run, leftover })
}

/** Every name that has a backup; of databases, where one is asked for, that one alone. */
async function recoverable(
  { store: place, prefix, choice, search, retries, stallMs }: DrillRequest,
  { reporter, signal }: Run,
): Promise<{ readonly names: Recoverable; readonly store: string }> {
  const store = await openStore(place, {
    journal: uploadJournal(reporter),
    signal,
    limits: { retries, stallMs },
  })
  const backedUp = async (under: string, id?: string): Promise<string[]> => {
    const { names } = await readCatalog(store, { prefix: under, name: undefined }, signal)
    return names.flatMap(({ name, backups }) =>
      backups.some((backup) => id === undefined || backup.id === id) ? [name] : [],
    )
  }
  try {
    const databases = choice.name === undefined ? await backedUp(prefix, choice.id) : [choice.name]
    const searches = search === undefined ? [] : await backedUp(search.prefix)
    return { names: { databases, searches }, store: store.description }
  } finally {
    store.close()
  }
}

/** Outputs, evidence, summary, issue. Throws what makes the step red. */
async function reportDrill(
  report: DrillReport,
  request: DrillRequest,
  { reporter, signal, leftover }: Run & { readonly leftover: readonly Error[] },
): Promise<void> {
  const { log, redact } = reporter
  for (const [name, value] of Object.entries(drillOutputs(report))) reporter.output(name, value)
  await reporter.summary(renderSummary(drillSummary(report), { redact }))
  const files = request.reports.map((path) => ({
    path,
    content: path.endsWith('.html')
      ? drillPage(report, redact)
      : redact(`${JSON.stringify(drillJson(report), null, 2)}\n`),
  }))
  if (report.problems.length === 0) log.info('The drill is PASSED.')
  const untold = await failuresIn(() => tellIssue(report, request, { reporter, signal }))
  const failures = report.problems.length === 0 ? [] : [failureOf(report)]
  await endWith([...failures, ...leftover, ...untold], files, log)
}

/** Throws only where the run is cancelled, or by a mistake of ours. */
async function tellIssue(
  report: DrillReport,
  { issues }: DrillRequest,
  { reporter: { log, redact }, signal }: Pick<Run, 'reporter' | 'signal'>,
): Promise<void> {
  if (report.problems.length === 0 || !issues) return
  const body = renderSummary([...drillSummary(report), ...runLine(report)], { redact, largest: 60_000 })
  try {
    const title = `Recovery drill failed: ${report.problems.length} problem(s)`
    const address = await tellInIssue(issues, { title, body, label: 'lifeboat-drill' }, signal)
    log.info(`Told in ${address}`)
  } catch (error) {
    if (signal.aborted || !(error instanceof LifeboatError)) throw error
    log.warning(`${failureSentence(error)} ${error.hint ?? ''}`)
  }
}

async function failuresIn(work: () => Promise<void>): Promise<Error[]> {
  try {
    await work()
    return []
  } catch (error) {
    return [error instanceof Error ? error : new Error(String(error), { cause: error })]
  }
}

function failureOf({ problems }: DrillReport): LifeboatError {
  return new LifeboatError(
    'incomplete',
    [`The drill FAILED: ${problems.length} problem(s).`, ...problems.slice(0, 10)].join('\n'),
    {
      hint: 'Mend it before the real night comes, and hold the drill again. The evidence has every step with its time.',
    },
  )
}

function runLine({ run }: DrillReport) {
  const { repository, run: id, actor } = run
  if (repository === undefined || id === undefined) return []
  return [
    { kind: 'paragraph', text: `Run ${id} of ${repository}, started by ${actor ?? 'nobody'}.` } as const,
  ]
}
