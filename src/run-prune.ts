import type { ListedBackup } from './catalog/listing.ts'
import { systemClock } from './catalog/ports.ts'
import { prune, type PruneOutcome, type PruneSettings } from './commands/prune.ts'
import type { FolderOutcome } from './commands/remove-backups.ts'
import { LifeboatError } from './errors.ts'
import type { PruneRequest } from './inputs/request.ts'
import { failureSentence } from './report/failure.ts'
import { pruneOutputs } from './report/prune-outputs.ts'
import {
  MOST_SHOWN,
  type Fate,
  type PrunedAttempt,
  type PrunedBackup,
  type PrunedName,
  type PruneReport,
  type PruneTotals,
} from './report/prune-report.ts'
import { pruneSummary } from './report/prune-summary.ts'
import type { Reporter } from './report/reporter.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import type { AttemptDecision } from './retention/attempts.ts'
import type { Decision, RetentionPlan } from './retention/plan.ts'
import { describePolicy } from './retention/policy.ts'
import { describeReason } from './retention/reason.ts'
import type { PrunableStore, Versioning } from './storage/prunable-store.ts'
import { openStore, type Run } from './wiring.ts'

export async function runPrune(request: PruneRequest, { reporter, signal }: Run): Promise<void> {
  const store = await openStore(request.store, { journal: uploadJournal(reporter), signal })
  try {
    const settings: PruneSettings = {
      prefix: request.prefix,
      name: request.name,
      policy: request.retention,
      confirmed: new Set(request.confirmed),
      dryRun: request.dryRun,
      deleteVersions: request.deleteVersions,
      auditDays: request.retention.auditDays,
    }
    const outcome = await prune(settings, { store, log: reporter.log, clock: systemClock, signal })
    await reportPrune(outcome, settings, { store, reporter })
  } finally {
    store.close()
  }
}

/**
 * Outputs and summary of a step that pruned. Throws what makes it red: what broke it off, what could not be removed,
 * what a guard refused, and a verified backup whose manifest is gone.
 */
async function reportPrune(
  outcome: PruneOutcome,
  settings: PruneSettings,
  { store, reporter }: { store: PrunableStore; reporter: Reporter },
): Promise<void> {
  const failures = [...failuresOf(outcome), ...withoutBackups(outcome, settings, store)]
  const notices = outcome.plans.flatMap((plan) => plan.notices)
  for (const notice of notices) reporter.log.notice(notice)
  const versions = versionsSentence(outcome.versioning, settings.deleteVersions)
  const report: PruneReport = {
    store: store.description,
    prefix: settings.prefix,
    policy: describePolicy(settings.policy),
    dryRun: settings.dryRun,
    names: prunedNames(outcome, settings),
    foreign: outcome.foreign,
    ...(versions !== undefined && { versions }),
    problems: failures.map(failureSentence),
    notices,
  }
  if (versions !== undefined) reporter.log.info(`Versions: ${versions}`)
  for (const [name, value] of Object.entries(pruneOutputs(report.names))) reporter.output(name, value)
  await reporter.summary(renderSummary(pruneSummary(report), { redact: reporter.redact }))

  const [first] = failures
  if (first === undefined) return
  if (failures.length === 1)
    throw first instanceof Error ? first : new Error(failureSentence(first), { cause: first })
  throw new LifeboatError('incomplete', `${failures.length} things went wrong while pruning.`, {
    hint: 'Each stands below, with what to do. What was removed before stays removed; run this again.',
    cause: new AggregateError(failures, 'what went wrong'),
  })
}

/** A prefix under which no backup is is a wrong one, or backups do not run: no reason to be green. */
function withoutBackups(
  { found, failure }: PruneOutcome,
  { prefix, name }: PruneSettings,
  { description }: PrunableStore,
): LifeboatError[] {
  if (failure !== undefined || found) return []
  const what = name === undefined ? 'backup' : `backup of "${name}"`
  return [
    new LifeboatError(
      'store-missing',
      `There is no ${what} under ${prefix === '' ? '/' : prefix} in ${description}.`,
      { hint: 'Look at bucket, prefix and name, and whether backups run.' },
    ),
  ]
}

function failuresOf({ plans, folders, trail, failure }: PruneOutcome): unknown[] {
  const lost = plans.flatMap(({ name, attempts }) =>
    attempts.flatMap(({ attempt, state }) => (state === 'lost-manifest' ? [`${name}/${attempt.id}`] : [])),
  )
  const failed = folders.filter(({ outcome }) => outcome === 'failed')
  const reasons = [...new Set(failed.map(({ reason }) => reason ?? 'no reason given'))].slice(0, 3)
  return [
    ...(failure === undefined ? [] : [failure]),
    ...plans.flatMap(({ refusal }) =>
      refusal ? [new LifeboatError('guard', refusal.message, { hint: refusal.hint })] : [],
    ),
    ...(failed.length === 0
      ? []
      : [
          new LifeboatError('incomplete', `${failed.length} could not be removed: ${reasons.join('; ')}.`, {
            hint: 'Check that these keys may delete here. A backup that lost its manifest counts no more; the next prune ends it.',
          }),
        ]),
    ...(trail === undefined || trail.failed.length === 0
      ? []
      : [
          new LifeboatError(
            'incomplete',
            `${trail.failed.length} old records of the audit trail could not be removed: ${trail.failed[0]?.reason ?? 'no reason given'}.`,
            { hint: 'Check that these keys may delete under _lifeboat/audit/.' },
          ),
        ]),
    ...(lost.length === 0
      ? []
      : [
          new LifeboatError(
            'guard',
            `Verified backups have lost their manifest: ${lost.join(', ')}. They stay.`,
            {
              hint: 'Somebody removed or hid an object. Find out who; with the artifacts a restore by hand is still possible.',
            },
          ),
        ]),
  ]
}

function prunedNames({ plans, folders, aborted }: PruneOutcome, { dryRun }: PruneSettings): PrunedName[] {
  const outcomes = new Map(folders.map((each) => [each.folder, each]))
  const done = new Set(aborted)
  return plans.map((plan) => {
    const uploads = plan.uploads.flatMap(({ upload, state }) =>
      state === 'dead' && (dryRun || done.has(upload.key)) ? [upload.key] : [],
    )
    return {
      name: plan.name,
      totals: totalsOf(plan, outcomes, { dryRun, uploadsAborted: uploads.length }),
      backups: plan.decisions
        .slice(0, MOST_SHOWN)
        .map((decision) => prunedBackup(decision, outcomes.get(decision.backup), dryRun)),
      attempts: plan.attempts
        .slice(0, MOST_SHOWN)
        .map((decision) => prunedAttempt(decision, outcomes.get(decision.attempt), dryRun)),
      aborted: uploads.slice(0, MOST_SHOWN),
    }
  })
}

type Outcomes = ReadonlyMap<ListedBackup, FolderOutcome>

function totalsOf(
  { decisions, attempts }: RetentionPlan,
  outcomes: Outcomes,
  { dryRun, uploadsAborted }: { readonly dryRun: boolean; readonly uploadsAborted: number },
): PruneTotals {
  const isGone = (folder: ListedBackup, goes: boolean): boolean =>
    goes && (dryRun || outcomes.get(folder)?.outcome === 'removed')
  const backups = decisions.flatMap(({ backup, stays }) => (isGone(backup, !stays) ? [backup] : []))
  const dead = attempts.flatMap(({ attempt, state }) => (isGone(attempt, isDoomed(state)) ? [attempt] : []))
  return {
    kept: decisions.length - backups.length,
    removed: backups.length,
    bytesFreed: [...backups, ...dead].reduce((sum, { bytes }) => sum + bytes, 0),
    attemptsRemoved: dead.length,
    uploadsAborted,
  }
}

function prunedBackup(
  { backup, stays, reasons }: Decision,
  outcome: FolderOutcome | undefined,
  dryRun: boolean,
): PrunedBackup {
  const { id, time, bytes, verification } = backup
  const fate = stays ? 'stays' : fateOf(outcome, dryRun)
  const more = outcome?.reason === undefined ? [] : [outcome.reason]
  return { id, time, bytes, verification, fate, reasons: [...reasons.map(describeReason), ...more] }
}

const ATTEMPT_REASONS: Readonly<Record<AttemptDecision['state'], string>> = {
  dead: 'nothing has happened for seven days',
  'broken-removal': 'a prune began to remove it',
  alive: 'it may still be written',
  'lost-manifest': 'it was verified, so it was a backup: its manifest is lost',
}

function prunedAttempt(
  { attempt, state }: RetentionPlan['attempts'][number],
  outcome: FolderOutcome | undefined,
  dryRun: boolean,
): PrunedAttempt {
  const { id, lastActivity, bytes } = attempt
  const fate = isDoomed(state) ? fateOf(outcome, dryRun) : 'stays'
  return { id, lastActivity, bytes, fate, reason: outcome?.reason ?? ATTEMPT_REASONS[state] }
}

function isDoomed(state: AttemptDecision['state']): boolean {
  return state === 'dead' || state === 'broken-removal'
}

function fateOf(outcome: FolderOutcome | undefined, dryRun: boolean): Fate {
  if (dryRun) return 'goes'
  if (outcome === undefined) return 'unfinished'
  return outcome.outcome === 'kept' ? 'stays' : outcome.outcome
}

function versionsSentence(versioning: Versioning | undefined, deleteVersions: boolean): string | undefined {
  switch (versioning) {
    case 'enabled':
    case 'suspended':
      return deleteVersions
        ? `the bucket keeps versions (${versioning}); those of what goes are removed too`
        : `the bucket keeps versions (${versioning}): a delete leaves them, and they cost. delete-versions: true removes them`
    case 'off':
      return 'the bucket keeps none'
    case 'unsupported':
      return 'not supported by this store, or never switched on'
    case 'hidden':
      return 'NOT MEASURED: these keys may not ask whether the bucket keeps them'
    case undefined:
      return undefined
  }
}
