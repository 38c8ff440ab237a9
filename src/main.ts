import { rm } from 'node:fs/promises'
import { LifeboatError } from './errors.ts'
import { readRequest, readSecrets } from './inputs.ts'
import { readSurroundings } from './inputs/surroundings.ts'
import { actionsReporter } from './report/actions.ts'
import { describeFailure } from './report/failure.ts'
import type { Reporter } from './report/reporter.ts'
import { rememberedUploads, uploadJournal, type JournalState } from './report/upload-journal.ts'
import { runBackup } from './run-backup.ts'
import { runCheck } from './run-check.ts'
import { runDrill } from './run-drill.ts'
import { runLifecycle } from './run-lifecycle.ts'
import { runList } from './run-list.ts'
import { runPrune } from './run-prune.ts'
import { removeRememberedIndexes, runReindex } from './run-reindex.ts'
import { runReplicate } from './run-replicate.ts'
import { removeRememberedScratch, runRestoreVerify } from './run-restore-verify.ts'
import { runRestore } from './run-restore.ts'
import { makeTemporary, removeRemembered } from './temporary.ts'
import { openStore } from './wiring.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The step itself. */
export async function main(env: Environment): Promise<void> {
  const reporter = actionsReporter(env)
  reporter.saveState('begun', 'true')
  await runToItsEnd(env, reporter)
}

/**
 * Read → wire → run → report, on a runner or elsewhere; SIGINT and SIGTERM cancel. Every failure ends here, once: it is
 * reported, and given back for whoever needs an exit code of it.
 */
export async function runToItsEnd(env: Environment, reporter: Reporter): Promise<{ failure?: unknown }> {
  reporter.mask(readSecrets(env))
  const stop = new AbortController()
  const cancel = (signal: NodeJS.Signals): void => {
    reporter.log.info(`${signal}: stopping, and aborting what is being written.`)
    stop.abort(
      new LifeboatError('cancelled', `The run was cancelled (${signal}); nothing more was committed.`, {
        hint: 'What was being written has been aborted. Run it again.',
      }),
    )
  }
  process.on('SIGINT', cancel).on('SIGTERM', cancel)
  try {
    await run(env, reporter, stop.signal)
    return {}
  } catch (error) {
    // Whatever came down with a cancelled run came down because of it.
    const failure: unknown = stop.signal.aborted ? stop.signal.reason : error
    reporter.fail(describeFailure(failure))
    return { failure }
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel)
  }
}

async function run(env: Environment, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const request = readRequest(env)
  for (const notice of request.notices) reporter.log.notice(notice)
  for (const warning of request.warnings) reporter.log.warning(warning)
  const found = readSurroundings(env, process)
  const surroundings = { ...found, temporary: await makeTemporary(found.temporary, reporter) }
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
      case 'check':
        await runCheck(request, { surroundings, reporter, signal })
        break
    }
  } finally {
    await rm(surroundings.temporary, { recursive: true, force: true })
  }
}

/** The post step: removes what a killed step left behind. It runs after every end, and finds nothing after most. */
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
    reporter.fail(describeFailure(error))
  }
}

async function abortRemembered(state: JournalState, env: Environment, reporter: Reporter): Promise<void> {
  const uploads = rememberedUploads(reporter, state)
  if (uploads.length === 0) return
  const request = readRequest(env)
  const place = state === 'uploads' ? request : 'replica' in request ? request.replica : undefined
  if (place === undefined || !('store' in place)) throw new TypeError(`${request.command} writes no objects`)
  const store = await openStore(place.store, { journal: uploadJournal(reporter, state) })
  for (const upload of uploads) {
    await store.abortUpload(upload)
    reporter.log.info(`Aborted the upload of ${upload.key}, in which the step was killed.`)
  }
  store.close()
}
