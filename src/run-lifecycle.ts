import { systemClock } from './catalog/ports.ts'
import { lifecycle, type LifecycleOutcome } from './commands/lifecycle.ts'
import { LifeboatError } from './errors.ts'
import type { LifecycleRequest } from './inputs/request.ts'
import { lifecycleOutputs, lifecycleSummary } from './report/lifecycle-summary.ts'
import type { Reporter } from './report/reporter.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import { describeRule, ownRuleId } from './storage/lifecycle-plan.ts'
import { ALARM_MS } from './storage/lifecycle-threat.ts'
import { openStore, type Run } from './wiring.ts'

export async function runLifecycle(request: LifecycleRequest, { reporter, signal }: Run): Promise<void> {
  const { prefix, dryRun, expireDays, retention: policy } = request
  const store = await openStore(request.store, { journal: uploadJournal(reporter), signal })
  try {
    const around = { store, log: reporter.log, clock: systemClock, signal }
    const outcome = await lifecycle({ prefix, policy, expireDays, dryRun }, around)
    await reportLifecycle(outcome, request, { store: store.description, reporter, now: systemClock.now() })
  } finally {
    store.close()
  }
}

/** Outputs and summary of a step that looked at lifecycle rules. Throws where a rule is about to take a proof. */
async function reportLifecycle(
  { after, changes, threats, eager }: LifecycleOutcome,
  request: Pick<LifecycleRequest, 'prefix' | 'dryRun'>,
  { store, reporter, now }: { store: string; reporter: Reporter; now: Date },
): Promise<void> {
  const alarms = threats.filter(({ at }) => at.getTime() - now.getTime() <= ALARM_MS)
  const tooSoon = eager.map((rule) => `Rule "${rule.id}" takes what the policy keeps: ${describeRule(rule)}.`)
  for (const warning of tooSoon) reporter.log.warning(warning)
  const failure =
    alarms.length === 0
      ? undefined
      : new LifeboatError(
          'guard',
          `Lifecycle rules are about to take the last good backup of ${alarms.map(({ name }) => `"${name}"`).join(', ')}.`,
          {
            hint: 'Backups or verifications have stopped: look at their runs. Until they are back, switch the rule off (leave expire-days out).',
          },
        )
  const report = {
    store,
    dryRun: request.dryRun,
    rules: after.map((rule) => ({
      id: rule.id,
      what: describeRule(rule),
      ours: rule.id === ownRuleId(request.prefix),
    })),
    changes,
    threats: threats.map(({ rule, ...threat }) => ({ ...threat, rule: rule.id })),
    problems: [...(failure ? [failure.message] : []), ...tooSoon],
  }
  for (const [name, value] of Object.entries(lifecycleOutputs(changes))) reporter.output(name, value)
  await reporter.summary(renderSummary(lifecycleSummary(report), { redact: reporter.redact }))
  if (failure) throw failure
}
