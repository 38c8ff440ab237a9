import { systemClock } from './catalog/ports.ts'
import {
  replicate,
  type ReplicatedBackup,
  type ReplicateOutcome,
  type ReplicateSettings,
} from './commands/replicate.ts'
import { LifeboatError } from './errors.ts'
import type { ReplicateRequest } from './inputs/request.ts'
import { failureSentence } from './report/failure.ts'
import { progressReporter } from './report/progress.ts'
import { replicateOutputs, replicateSummary, type ReplicaLine } from './report/replicate-report.ts'
import type { Reporter } from './report/reporter.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import { describePolicy } from './retention/policy.ts'
import { openStore, type Run } from './wiring.ts'

/** `command: replicate`: wire → copy → report. */
export async function runReplicate(request: ReplicateRequest, { reporter, signal }: Run): Promise<void> {
  const { log } = reporter
  const clock = systemClock
  const begun = clock.elapsed()
  const first = await openStore(request.store, { journal: uploadJournal(reporter), signal })
  try {
    const second = await openStore(request.replica.store, {
      journal: uploadJournal(reporter, 'replica-uploads'),
      signal,
    })
    try {
      const settings: ReplicateSettings = {
        from: { store: first, prefix: request.prefix },
        to: { store: second, prefix: request.replica.prefix },
        name: request.name,
        policy: request.retention,
        dryRun: request.dryRun,
      }
      const progress = (likelyBytes: number) =>
        progressReporter({ log, clock, label: 'replica', likelyBytes })
      const outcome = await replicate(settings, { log, clock, signal, progress })
      await reportReplica(outcome, settings, { reporter, elapsedMs: clock.elapsed() - begun })
    } finally {
      second.close()
    }
  } finally {
    first.close()
  }
}

/** Outputs and summary. Throws what makes the step red: what broke it off, and each backup that was not copied. */
async function reportReplica(
  { backups, failure }: ReplicateOutcome,
  { from, to, policy, dryRun }: ReplicateSettings,
  { reporter, elapsedMs }: { reporter: Reporter; elapsedMs: number },
): Promise<void> {
  const failures = [
    ...(failure === undefined ? [] : [failure]),
    ...backups.flatMap((each) => (each.outcome === 'failed' && each.error !== failure ? [each.error] : [])),
  ]
  const warnings = backups.flatMap((each) => [...lostOf(each), ...foreignOf(each)])
  for (const warning of warnings) reporter.log.warning(warning)
  const lines = backups.map(lineOf)
  for (const [name, value] of Object.entries(replicateOutputs(lines))) reporter.output(name, value)
  const report = {
    from: from.store.description,
    to: to.store.description,
    prefix: from.prefix,
    replicaPrefix: to.prefix,
    policy: policy && describePolicy(policy),
    dryRun,
    elapsedMs,
    backups: lines,
    problems: firstOf(failures.map(failureSentence)),
    warnings,
  }
  await reporter.summary(renderSummary(replicateSummary(report), { redact: reporter.redact }))

  const [only] = failures
  if (only === undefined) return
  if (failures.length === 1)
    throw only instanceof Error ? only : new Error(failureSentence(only), { cause: only })
  const lacks = backups.filter(({ outcome }) => outcome === 'failed' || outcome === 'unfinished').length
  throw new LifeboatError('incomplete', `${lacks} backup(s) could not be copied to the replica.`, {
    hint: 'Each reason stands below, with what to do. What was copied stays; run this again and it goes on.',
    cause: new AggregateError(failures.slice(0, MOST_TOLD), 'what went wrong'),
  })
}

/** Each failure stands in the table, too. */
const MOST_TOLD = 20

function firstOf(sentences: readonly string[]): string[] {
  const more = sentences.length - MOST_TOLD
  return [...sentences.slice(0, MOST_TOLD), ...(more > 0 ? [`… and ${more} more, in the table below`] : [])]
}

function lineOf(replicated: ReplicatedBackup): ReplicaLine {
  const { name, id, time } = replicated.backup
  const nothing = { name, id, time, fate: replicated.outcome, objects: 0, bytes: 0 }
  switch (replicated.outcome) {
    case 'skipped':
    case 'unwanted':
    case 'unfinished':
      return { ...nothing, remark: replicated.reason }
    case 'failed':
      return { ...nothing, remark: failureSentence(replicated.error) }
    case 'copied':
    case 'completed':
    case 'whole': {
      const { objects, bytes, resumed, lost, foreign } = replicated
      const remarks = [
        ...(resumed > 0 ? [`${resumed} object(s) stood there from a run before`] : []),
        ...(lost.length > 0 ? [`had lost ${lost.join(', ')}`] : []),
        ...foreign.map((record) => `left out: ${record}`),
      ]
      return { ...nothing, objects, bytes, remark: remarks.join('; ') }
    }
  }
}

function foreignOf(replicated: ReplicatedBackup): string[] {
  if (!('foreign' in replicated) || replicated.foreign.length === 0) return []
  const { id, name } = replicated.backup
  return [
    `Beside backup ${id} of "${name}": ${replicated.foreign.join('; ')}. It counts for nothing, and was not copied. Find out who writes to the store.`,
  ]
}

function lostOf(replicated: ReplicatedBackup): string[] {
  if (!('lost' in replicated) || replicated.lost.length === 0) return []
  const { id, name } = replicated.backup
  return [
    `The replica had lost ${replicated.lost.join(', ')} of backup ${id} of "${name}". Find out who removes objects there.`,
  ]
}
