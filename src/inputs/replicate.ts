import { readSource, readSwitch } from './catalog-request.ts'
import type { Given } from './given.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import { readReplica } from './replica.ts'
import type { ReplicateRequest } from './request.ts'
import { readRetention } from './retention.ts'
import { maskingWarnings } from './secrets.ts'
import { readStore, type Remarks } from './store.ts'

/** Given in the step, they say what the prune of the replica keeps. */
const POLICY = ['keep', 'retention-days', 'min-keep'] as const

/** Reads all that `replicate` needs; throws `input` with everything that is wrong. */
export function readReplicate(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): ReplicateRequest {
  const remarks: Remarks = { notices: [], warnings: [] }
  const store = readStore(given, problems, remarks)
  const prefixText = given.value('prefix')
  const prefix =
    prefixText === undefined
      ? undefined
      : problems.attempt(given.label('prefix'), () => parsePrefix(prefixText))
  const replica = readReplica(given, { store, prefix }, problems, remarks)
  if (given.value('replica') === undefined) {
    problems.add(
      'replica',
      'is missing. Name the second store: s3://<bucket>/<prefix>?region=<region>, r2://<account id>/<bucket>/<prefix> ' +
        'or file:///<directory>.',
    )
  }
  const source = readSource(given, problems)
  const dryRun = readSwitch('dry-run', given, problems)
  const hasPolicy = POLICY.some((name) => given.origin(name) === 'input')
  const retention = hasPolicy ? readRetention(given, problems) : undefined
  const name = given.value('name')
  if (problems.any) throw problems.failure()
  if (!store || prefix === undefined || !replica || !source) {
    throw new TypeError('an input is neither there nor wrong')
  }
  return {
    command: 'replicate',
    source,
    store,
    prefix,
    replica,
    ...(name !== undefined && { name }),
    ...(retention !== undefined && { retention }),
    dryRun,
    secrets,
    notices: remarks.notices,
    warnings: [...remarks.warnings, ...maskingWarnings(secrets, [prefix, replica.prefix, name ?? ''])],
  }
}
