import { advice, failedBy, notChecked, passed, type Finding } from '../catalog/finding.ts'
import { LifeboatError } from '../errors.ts'
import { describeRule } from './lifecycle-plan.ts'
import type { BucketRule, LifecycleStore } from './lifecycle-store.ts'
import type { ProbedStore } from './probed-store.ts'
import type { PrunableStore } from './prunable-store.ts'

const UNSUPPORTED = 'not supported by this store.'
const HIDDEN = 'these keys may not ask.'

/** What the bucket does to objects by itself, as it really is. */
export async function* examineProtection(
  store: PrunableStore & LifecycleStore & ProbedStore,
  prefix: string,
): AsyncGenerator<Finding> {
  yield await asked('versions', () => versions(store))
  yield await asked('object lock', () => lock(store))
  yield await asked('lifecycle', async () => lifecycle(await store.lifecycle(), prefix))
}

async function asked(name: string, ask: () => Promise<Finding>): Promise<Finding> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'store-access')
      return notChecked(name, HIDDEN, error.hint)
    return failedBy(name, error)
  }
}

async function versions(store: PrunableStore): Promise<Finding> {
  const name = 'versions'
  switch (await store.versioning()) {
    case 'enabled':
      return passed(name, 'the bucket keeps them; prune needs delete-versions: true to free their space.')
    case 'suspended':
      return advice(
        name,
        'suspended: old ones stay, new ones are not kept.',
        'Switch them on, or remove the old ones.',
      )
    case 'off':
      return advice(
        name,
        'the bucket keeps none.',
        'Switch them on, or keep a second copy: whoever has these keys can delete.',
      )
    case 'unsupported':
      return notChecked(name, 'not supported by this store, or never switched on: it says nothing of them.')
    case 'hidden':
      return notChecked(name, HIDDEN)
  }
}

async function lock(store: ProbedStore): Promise<Finding> {
  const name = 'object lock'
  const found = await store.objectLock()
  switch (found.state) {
    case 'on':
      return passed(
        name,
        found.days === undefined
          ? 'on, without a period for new objects.'
          : `on: new objects are held for ${found.days} days (${found.mode ?? 'no mode'}).`,
      )
    case 'off':
      return passed(name, 'the bucket has none.')
    case 'unsupported':
      return notChecked(name, `${UNSUPPORTED} Bucket locks of R2 are seen only in Cloudflare's dashboard.`)
    case 'hidden':
      return notChecked(name, HIDDEN)
  }
}

function lifecycle(rules: readonly BucketRule[] | undefined, prefix: string): Finding {
  const name = 'lifecycle'
  if (rules === undefined) return notChecked(name, UNSUPPORTED)
  const active = rules.filter((rule) => rule.enabled && touches(rule, prefix))
  const expiring = active.filter(({ expireDays, expireDate }) => expireDays !== undefined || expireDate)
  const described = active.map((rule) => `"${rule.id}": ${describeRule(rule)}`).join('; ')
  if (expiring.length > 0) {
    return advice(
      name,
      `rules remove backups by themselves: ${described}.`,
      'Look whether that is longer than your policy keeps; command: lifecycle checks it. A rule goes on when backups have stopped.',
    )
  }
  if (active.some(({ abortDays }) => abortDays !== undefined)) return passed(name, described)
  return advice(
    name,
    'no rule aborts unfinished uploads, which cost.',
    'Run command: lifecycle once, or prune regularly.',
  )
}

/** Whether a rule looks at what lies below `prefix`, or at a part of it. */
function touches(rule: BucketRule, prefix: string): boolean {
  return prefix.startsWith(rule.prefix) || rule.prefix.startsWith(prefix)
}
