import { rm } from 'node:fs/promises'
import { afterRun, type AfterRun } from './after-run.ts'
import { auditRecord } from './audit.ts'
import { listenForCancel, notLongAfter, timeLimit } from './cancellation.ts'
import { systemClock, type Clock } from './catalog/ports.ts'
import { LifeboatError } from './errors.ts'
import { readRequest, readSecrets, readSubject } from './inputs.ts'
import type { Request } from './inputs/request.ts'
import { readRun, readSurroundings } from './inputs/surroundings.ts'
import { inWords } from './postgres/query-failure.ts'
import { actionsReporter } from './report/actions.ts'
import { heartbeat, tellStart, webhook } from './notifications.ts'
import { describeFailure } from './report/failure.ts'
import { outcomeOf, rememberingReporter } from './report/outcome.ts'
import type { Reporter } from './report/reporter.ts'
import { rememberedUploads, uploadJournal, type JournalState } from './report/upload-journal.ts'
import { runBackup } from './run-backup.ts'
import { runCheck } from './run-check.ts'
import { runDrill } from './run-drill.ts'
import { runDoctor } from './run-doctor.ts'
import { runLifecycle } from './run-lifecycle.ts'
import { runList } from './run-list.ts'
import { runPrune } from './run-prune.ts'
import { removeRememberedIndexes, runReindex } from './run-reindex.ts'
import { runReplicate } from './run-replicate.ts'
import { removeRememberedScratch, runRestoreVerify } from './run-restore-verify.ts'
import { runRestore } from './run-restore.ts'
import { makeTemporary, programFolder, removeRemembered } from './temporary.ts'
import { openStore } from './wiring.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The post step does not wait for a store that hangs. */
const TIDYING_MS = 60_000

/** What follows every run, all at the same time. */
const AFTER_RUN: readonly AfterRun[] = [heartbeat, webhook, auditRecord]

/** The step itself. */
export async function main(env: Environment): Promise<void> {
  const reporter = actionsReporter(env)
  reporter.saveState('begun', 'true')
  reporter.saveState('started', new Date().toISOString())
  const { failure } = await runToItsEnd(env, reporter, notLongAfter)
  reporter.saveState('told', 'true')
  // Something may still wait for an answer, and node for it.
  if (isCancelled(failure)) process.stdout.write('', () => process.exit())
}

/**
 * Read → wire → run → report → tell others, on a runner or elsewhere; SIGINT and SIGTERM cancel. Every failure ends
 * here, once: it is reported, and given back for whoever needs an exit code of it. `patience` bounds how long a cancelled
 * run is waited for; without it to its end, for on a laptop nobody kills, and no post step follows.
 */
export async function runToItsEnd(
  env: Environment,
  reporter: Reporter,
  patience: typeof notLongAfter = (_, work) => work,
): Promise<{ failure?: unknown }> {
  reporter.mask(readSecrets(env))
  const { started, milliseconds } = sinceNow(systemClock)
  const remembering = rememberingReporter(reporter)
  using cancellation = listenForCancel(reporter.log)
  const { signal, late } = cancellation
  let request: Request | undefined
  let starting: Promise<void> | undefined
  let failed: { failure?: unknown } = {}
  try {
    request = readRequest(env)
    starting = tellStart(env, { log: reporter.log, signal })
    const running = run(request, { env, reporter: remembering.reporter, signal })
    await patience(signal, running, reporter.log)
  } catch (error) {
    // Whatever came down with a cancelled run came down because of it.
    failed = { failure: signal.aborted ? signal.reason : error }
    reporter.fail(describeFailure(inWords(failed.failure)))
  }
  const ended = {
    ...readSubject(env),
    started,
    milliseconds: milliseconds(),
    ...failed,
    ...remembering.remembered(),
    run: readRun(env),
  }
  cancellation.telling()
  // Told in their order; a start that arrived after the end would look like a run that hangs.
  await starting
  const outcome = outcomeOf(ended, reporter.redact)
  await afterRun(AFTER_RUN, { outcome, request, env, reporter, signal: late })
  return failed
}

function isCancelled(failure: unknown): boolean {
  return failure instanceof LifeboatError && failure.code === 'cancelled'
}

function sinceNow(clock: Clock): { readonly started: Date; readonly milliseconds: () => number } {
  const since = clock.elapsed()
  return { started: clock.now(), milliseconds: () => clock.elapsed() - since }
}

async function run(
  request: Request,
  { env, reporter, signal }: { env: Environment; reporter: Reporter; signal: AbortSignal },
): Promise<void> {
  for (const notice of request.notices) reporter.log.notice(notice)
  for (const warning of request.warnings) reporter.log.warning(warning)
  const found = readSurroundings(env, process)
  await using programs = programFolder(found.temporary, reporter)
  const surroundings = { ...found, programs, temporary: await makeTemporary(found.temporary, reporter) }
  try {
    switch (request.command) {
      case 'backup':
        await runBackup(request, { surroundings, reporter, signal })
        break
      case 'restore':
        await runRestore(request, { surroundings, reporter, signal })
        break
      case 'restore-verify':
        await runRestoreVerify(request, { surroundings, reporter, signal })
        break
      case 'list':
        await runList(request, { surroundings, reporter, signal })
        break
      case 'prune':
        await runPrune(request, { surroundings, reporter, signal })
        break
      case 'check':
        await runCheck(request, { surroundings, reporter, signal })
        break
      case 'doctor':
        await runDoctor(request, { env, surroundings, reporter, signal })
        break
      case 'lifecycle':
        await runLifecycle(request, { surroundings, reporter, signal })
        break
      case 'reindex':
        await runReindex(request, { surroundings, reporter, signal })
        break
      case 'drill':
        await runDrill(request, { surroundings, reporter, signal })
        break
      case 'replicate':
        await runReplicate(request, { surroundings, reporter, signal })
        break
    }
  } finally {
    await rm(surroundings.temporary, { recursive: true, force: true })
  }
}

/**
 * The post step: removes what a killed step left behind, and tells of it. It runs after every end, and finds nothing to
 * do after most.
 */
export async function cleanUp(env: Environment): Promise<void> {
  const reporter = actionsReporter(env)
  reporter.mask(readSecrets(env))
  try {
    // The server first: it may still hold what is in the folder.
    await removeRememberedScratch(reporter)
    await removeRemembered(reporter)
    await removeRememberedIndexes(env, reporter)
    await abortRemembered('uploads', env, reporter)
    await abortRemembered('replica-uploads', env, reporter)
  } catch (error) {
    reporter.fail(describeFailure(inWords(error)))
  }
  if (reporter.state('told') === '') await tellOfKill(env, reporter)
}

/** A step that was killed could tell nobody itself. */
async function tellOfKill(env: Environment, reporter: Reporter): Promise<void> {
  const started = new Date(reporter.state('started'))
  const failure = new LifeboatError('cancelled', 'The step was killed before its end.', {
    hint: 'Look at its log: a cancel, a limit of time or memory, or a runner that vanished.',
  })
  const ended = {
    ...readSubject(env),
    started,
    milliseconds: Date.now() - started.getTime(),
    failure,
    ...rememberingReporter(reporter).remembered(),
    run: readRun(env),
  }
  using cancellation = listenForCancel(reporter.log)
  cancellation.telling()
  const outcome = outcomeOf(ended, reporter.redact)
  const request = requestOf(env)
  await afterRun(AFTER_RUN, { outcome, request, env, reporter, signal: cancellation.late })
}

/** Undefined where the inputs are wrong; then the step said so itself, and touched nothing. */
function requestOf(env: Environment): Request | undefined {
  try {
    return readRequest(env)
  } catch (error) {
    if (error instanceof LifeboatError) return undefined
    throw error
  }
}

async function abortRemembered(state: JournalState, env: Environment, reporter: Reporter): Promise<void> {
  const uploads = rememberedUploads(reporter, state)
  if (uploads.length === 0) return
  const request = readRequest(env)
  const place = state === 'uploads' ? request : 'replica' in request ? request.replica : undefined
  if (place === undefined || !('store' in place)) throw new TypeError(`${request.command} writes no objects`)
  using signal = timeLimit(TIDYING_MS, 'Aborting unfinished uploads')
  const store = await openStore(place.store, { journal: uploadJournal(reporter, state), signal })
  for (const upload of uploads) {
    await store.abortUpload(upload)
    reporter.log.info(`Aborted the upload of ${upload.key}, in which the step was killed.`)
  }
  store.close()
}
