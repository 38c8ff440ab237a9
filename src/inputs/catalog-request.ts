import type { Given } from './given.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import { parseCount } from './quantities.ts'
import type { LifecycleRequest, PruneRequest, Source } from './request.ts'
import { readRetention } from './retention.ts'
import { maskingWarnings } from './secrets.ts'
import { readStore, type Remarks } from './store.ts'
import { listed } from './values.ts'

/** Reads all that `prune` needs; throws `input` with everything that is wrong. */
export function readPrune(given: Given, secrets: readonly string[], problems: Problems): PruneRequest {
  const name = given.value('name')
  const deleteVersions = readSwitch('delete-versions', given, problems)
  const shared = readShared(given, secrets, problems)
  return {
    command: 'prune',
    ...shared,
    ...(name !== undefined && { name }),
    confirmed: listed(given.value('confirm') ?? ''),
    deleteVersions,
    warnings: [...shared.warnings, ...maskingWarnings(secrets, [shared.prefix, name ?? ''])],
  }
}

/** Reads all that `lifecycle` needs; throws `input` with everything that is wrong. */
export function readLifecycle(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): LifecycleRequest {
  const text = given.value('expire-days')
  const expireDays =
    text === undefined
      ? undefined
      : problems.attempt('expire-days', () => parseCount(text, { least: 1, most: 36_500 }))
  if (/^file:/i.test(given.value('bucket') ?? '')) {
    problems.add(given.label('bucket'), 'is a directory, which has no lifecycle rules. Use prune.')
  }
  const shared = readShared(given, secrets, problems)
  return { command: 'lifecycle', ...shared, ...(expireDays !== undefined && { expireDays }) }
}

type Shared = Omit<LifecycleRequest, 'command' | 'expireDays'>

function readShared(given: Given, secrets: readonly string[], problems: Problems): Shared {
  const remarks: Remarks = { notices: [], warnings: [] }
  const store = readStore(given, problems, remarks)
  const prefixText = given.value('prefix')
  const prefix =
    prefixText === undefined
      ? undefined
      : problems.attempt(given.label('prefix'), () => parsePrefix(prefixText))
  const retention = readRetention(given, problems)
  const dryRun = readSwitch('dry-run', given, problems)
  const source = readSource(given, problems)
  if (problems.any) throw problems.failure()
  if (!store || prefix === undefined || !retention || !source)
    throw new TypeError('an input is neither there nor wrong')
  return { source, store, prefix, retention, dryRun, secrets, ...remarks }
}

/** What `source` says; a problem where it is none. */
export function readSource(given: Given, problems: Problems): Source | undefined {
  const source = given.value('source') ?? ''
  if (isSource(source)) return source
  problems.add('source', `"${source}" is not one of ${SOURCES.join(', ')}.`)
  return undefined
}

const SOURCES: readonly Source[] = ['postgres', 'meilisearch', 'bucket']

export function isSource(text: string): text is Source {
  return SOURCES.some((source) => source === text)
}

export function readSwitch(name: string, given: Given, problems: Problems): boolean {
  const text = given.value(name) ?? 'false'
  if (text !== 'true' && text !== 'false') problems.add(name, `"${text}" is neither true nor false.`)
  return text === 'true'
}
