import { parseIdentities } from '../pipeline/age/identities.ts'
import type { Given } from './given.ts'
import { exposed } from './meilisearch-backup.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import { parseCount, parseDuration } from './quantities.ts'
import type { MeilisearchRestoreRequest, MeilisearchVerifyRequest, SearchServer } from './request.ts'
import { parseEmbedderKeys, parseSearchServer } from './search-server.ts'
import { maskingWarnings } from './secrets.ts'
import { parseSettings } from './settings.ts'
import { readStore, type Remarks } from './store.ts'
import { readChoice } from './which-backup.ts'

const TARGETS = {
  recipients: (text: string) => parseCount(text, { least: 1, most: 100 }),
  rto: parseDuration,
}
const LIMITS = {
  stall: parseDuration,
  retries: (text: string) => parseCount(text, { least: 0, most: 20 }),
}
/** As `limits` of a backup. */
const STALL_MS = 600_000
const RETRIES = 11

/** Reads all that `restore-verify` of Meilisearch needs; throws `input` with everything that is wrong. */
export function readMeilisearchVerify(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): MeilisearchVerifyRequest {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = attempts(given, problems)
  const store = readStore(given, problems, remarks)
  const prefix = attempt('prefix', parsePrefix)
  const choice = readChoice(given, problems)
  const identities = attempt('age-identities', parseIdentities) ?? []
  const target = readTarget(given, problems)
  const liveHost = attempt('meili-host', parseSearchServer)
  const extras = given.value('extras')
  if (extras !== undefined && extras !== 'negative-control') {
    problems.add('extras', 'is not negative-control, which is all that there is for Meilisearch.')
  }
  const targets = attempt('targets', (text) => parseSettings(text, TARGETS)) ?? {}
  const limits =
    given.origin('limits') === 'default'
      ? {}
      : (attempt('limits', (text) => parseSettings(text, LIMITS)) ?? {})
  if (target && target.host === liveHost) {
    problems.add(
      'target-meili-host',
      'is the server that is backed up (meili-host). Give an empty one of its own, for example a service container.',
    )
  }
  if (problems.any) throw problems.failure()
  if (!store || prefix === undefined) throw new TypeError('an input is neither there nor wrong')
  return {
    command: 'restore-verify',
    source: 'meilisearch',
    store,
    prefix,
    choice,
    identities,
    ...(target && { target }),
    ...(liveHost !== undefined && { liveHost }),
    extras: extras === undefined ? [] : ['negative-control'],
    targets,
    stallMs: limits.stall ?? STALL_MS,
    retries: limits.retries ?? RETRIES,
    secrets,
    notices: remarks.notices,
    warnings: [
      ...remarks.warnings,
      ...(target ? exposed(target.host) : []),
      ...maskingWarnings(secrets, [prefix, choice.name ?? '']),
    ],
  }
}

/** Reads all that `restore` of Meilisearch needs; throws `input` with everything that is wrong. */
export function readMeilisearchRestore(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): MeilisearchRestoreRequest {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = attempts(given, problems)
  const store = readStore(given, problems, remarks)
  const prefix = attempt('prefix', parsePrefix)
  const choice = readChoice(given, problems)
  const key = given.value('key')
  for (const name of ['name', 'backup-id', 'before'].filter((each) => given.value(each) !== undefined)) {
    if (key !== undefined) problems.add(name, 'contradicts key, which names one object. Remove one of them.')
  }
  const identities = attempt('age-identities', parseIdentities) ?? []
  const target = readTarget(given, problems)
  if (given.value('target-meili-host') === undefined) {
    problems.add(
      'target-meili-host',
      'is missing or empty. Give the address of the server that the backup goes into: https://search.example.com.',
    )
  }
  if (target) assertConfirmed(target, given, problems)
  const embedderKeys = attempt('meili-embedder-keys', parseEmbedderKeys) ?? new Map<string, string>()
  if (problems.any) throw problems.failure()
  if (!store || prefix === undefined || !target) throw new TypeError('an input is neither there nor wrong')
  return {
    command: 'restore',
    source: 'meilisearch',
    store,
    prefix,
    what: key === undefined ? { kind: 'backup', choice } : { kind: 'key', key },
    identities,
    target,
    embedderKeys,
    secrets,
    notices: remarks.notices,
    warnings: [...remarks.warnings, ...exposed(target.host), ...maskingWarnings(secrets, [prefix])],
  }
}

function attempts(given: Given, problems: Problems) {
  return <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = given.value(name)
    return text === undefined ? undefined : problems.attempt(given.label(name), () => parse(text))
  }
}

/** Said in the step: nobody writes into production by a variable that was left in the environment. */
export function readTarget(given: Given, problems: Problems): SearchServer | undefined {
  const host = attempts(given, problems)('target-meili-host', parseSearchServer)
  const apiKey = given.value('target-meili-api-key')
  return host === undefined ? undefined : { host, ...(apiKey !== undefined && { apiKey }) }
}

function assertConfirmed({ host }: SearchServer, given: Given, problems: Problems): void {
  const confirm = given.value('confirm')
  const url = new URL(host)
  if (confirm === url.host || confirm === url.hostname || confirm === host) return
  problems.add(
    'confirm',
    `${confirm === undefined ? 'is missing' : `is "${confirm}"`}, and target-meili-host leads to "${url.host}". Write the host that is restored into.`,
  )
}
