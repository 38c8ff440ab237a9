import { randomBytes, randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { dirname } from 'node:path'
import type { Expectations } from './catalog/expectations.ts'
import { systemClock } from './catalog/ports.ts'
import type { Prover } from './catalog/proof.ts'
import { faultOf } from './catalog/verification.ts'
import { restoreVerify } from './commands/restore-verify.ts'
import { LifeboatError } from './errors.ts'
import type { PostgresVerifyRequest, RestoreVerifyRequest } from './inputs/request.ts'
import { memoryRoom } from './memory-room.ts'
import { installServer } from './postgres/client-install.ts'
import type { Connection } from './postgres/connection.ts'
import { postgresProver } from './postgres/prover.ts'
import { removeScratch, type ScratchLeft } from './postgres/scratch-files.ts'
import { parseExpectations } from './proof/expectations.ts'
import { failureSentence } from './report/failure.ts'
import type { Reporter } from './report/reporter.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import { verificationOutputs } from './report/verification-outputs.ts'
import { failedRung, findingLines, type VerificationReport } from './report/verification-report.ts'
import { verificationSummary } from './report/verification-summary.ts'
import { VERSION } from './version.ts'
import { runVerifyForeign } from './run-verify-foreign.ts'
import { meilisearchProverFor } from './wire-meilisearch.ts'
import { openStore, toolInstall, toolSearch, type Run } from './wiring.ts'

const SCRATCH_STATE = 'scratch'

/** `command: restore-verify`: wire → climb → report. Throws what makes the step red. */
export async function runRestoreVerify(request: RestoreVerifyRequest, run: Run): Promise<void> {
  if (request.source === 'meilisearch' && request.key !== undefined)
    await runVerifyForeign({ ...request, key: request.key }, run)
  else await report(await verifyBackup(request, run), run.reporter)
}

/** What is done with a restored database while it is there. */
export type WhileRestored = (owner: Connection) => Promise<void>

/** Takes one backup up the ladder, records what came of it, and tells nobody. */
export async function verifyBackup(
  request: RestoreVerifyRequest,
  run: Run,
  whileRestored?: WhileRestored,
): Promise<VerificationReport> {
  const { reporter, signal, surroundings } = run
  const expectations = await readExpectations(
    request.source === 'postgres' ? request.expectations : undefined,
  )
  const store = await openStore(request.store, {
    journal: uploadJournal(reporter),
    signal,
    limits: request,
  })
  try {
    const settings = {
      prefix: request.prefix,
      choice: request.choice,
      identities: request.identities,
      leastRecipients: request.targets.recipients,
      rtoMs: request.targets.rto,
      negativeControl: request.extras.includes('negative-control'),
      stallMs: request.stallMs,
      databaseHere: request.source === 'postgres' && request.target === undefined,
    }
    const outcome = await restoreVerify(settings, {
      store,
      prover:
        request.source === 'postgres'
          ? postgres(request, run, { expectations, whileRestored })
          : meilisearchProverFor(request),
      log: reporter.log,
      clock: systemClock,
      signal,
      temporary: surroundings.temporary,
      memory: await memoryRoom(request.mostMemory, reporter),
      lifeboat: VERSION,
      run: surroundings.run,
    })
    return { ...outcome, store: store.description }
  } finally {
    store.close()
  }
}

/** Ends and removes a throwaway server that a killed step left behind. */
export async function removeRememberedScratch(reporter: Pick<Reporter, 'state' | 'log'>): Promise<void> {
  const state = reporter.state(SCRATCH_STATE)
  if (state === '') return
  await removeScratch(JSON.parse(state) as ScratchLeft)
}

function postgres(
  request: PostgresVerifyRequest,
  around: Run,
  more: {
    readonly expectations: Expectations | undefined
    readonly whileRestored: WhileRestored | undefined
  },
): Prover {
  const { surroundings, reporter } = around
  const { platform, temporary } = surroundings
  const client = toolSearch(request, around)
  const install = toolInstall(around)
  return postgresProver({
    plan: {
      expectations: more.expectations,
      extras: {
        negativeControl: request.extras.includes('negative-control'),
        amcheck: request.extras.includes('amcheck'),
      },
    },
    target: request.target,
    client,
    server: { ...client, install: (major) => installServer(major, install) },
    platform,
    uid: process.getuid?.() ?? -1,
    isolation: request.isolation,
    machine: { memoryBytes: totalmem(), processors: availableParallelism() },
    temporary,
    scratchParents: [dirname(temporary), tmpdir(), '/tmp', '/var/tmp'],
    remember: (left) => reporter.saveState(SCRATCH_STATE, JSON.stringify(left)),
    secret: () => randomBytes(24).toString('hex'),
    random: randomInt,
    stallMs: request.stallMs,
    whileRestored: more.whileRestored,
  })
}

/** Throws `input` where the file cannot be read or is wrong. */
export async function readExpectations(path: string | undefined): Promise<Expectations | undefined> {
  if (path === undefined) return undefined
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new LifeboatError('input', `expectations: ${path} cannot be read.`, {
      hint: 'Its path is relative to the workspace: is there an actions/checkout before this step?',
      cause,
    })
  }
  return parseExpectations(text, path)
}

async function report(told: VerificationReport, reporter: Reporter): Promise<void> {
  const { backup, failure } = told
  for (const [name, value] of Object.entries(verificationOutputs(told))) reporter.output(name, value)
  await reporter.summary(renderSummary(verificationSummary(told), { redact: reporter.redact }))
  if (failure !== undefined)
    throw failure instanceof Error ? failure : new Error(failureSentence(failure), { cause: failure })
  const failed = failedRung(told)
  if (failed) throw rungFailure(told, failed)
  if (told.withoutIdentity) {
    reporter.log.warning(
      'NOT VERIFIED: without an identity (age-identities) nothing was restored. The summary says how to add a drill identity.',
    )
  } else if (told.verdict !== 'ok') {
    reporter.log.warning('NOT VERIFIED: not everything could be measured; the summary says what.')
  } else {
    reporter.log.info(`Backup ${backup.id} of "${backup.name}" is VERIFIED.`)
  }
}

function rungFailure(
  { backup: { id, name }, older, rungs }: VerificationReport,
  failed: NonNullable<ReturnType<typeof failedRung>>,
): LifeboatError {
  const { rung, summary } = failed
  const fault = faultOf(rungs)
  const instead = older
    ? `The one before is ${older.id}: verify it with backup-id: ${older.id}.`
    : 'There is none before it.'
  return new LifeboatError(
    fault === undefined ? 'incomplete' : fault === 'bytes' ? 'damaged' : 'unrestorable',
    [`Backup ${id} of "${name}" fails at the rung "${rung}": ${summary}`, ...findingLines(failed)].join('\n'),
    {
      hint:
        fault === undefined
          ? 'The backup itself is verified and recorded as such. Look at what is named.'
          : fault === 'bytes'
            ? `Do not count on this backup: make a new one now, verify it, and find out what damaged this one. ${instead}`
            : unrestorableHint(failed),
    },
  )
}

/** Nothing damaged these bytes, so that another backup is no cure. */
function unrestorableHint({ rung, notes = [] }: NonNullable<ReturnType<typeof failedRung>>): string {
  return rung === 'restored' && notes.length > 0
    ? notes.join(' ')
    : 'The bytes are those that were stored, but what they restore is not what the snapshot held. Look at what is named, in the source and in the copy: a trigger, a function or a setting that changes rows, or an index of the source that hides some. A new backup of the same database differs in the same way until that is mended.'
}
