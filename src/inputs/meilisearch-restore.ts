import { LifeboatError } from '../errors.ts'
import { attempts } from './attempts.ts'
import type { Given } from './given.ts'
import { exposed } from './meilisearch-backup.ts'
import type { Problems } from './problems.ts'
import type { MeilisearchRestoreRequest, MeilisearchVerifyRequest, SearchServer } from './request.ts'
import { readMeasures, readRestoreBasics, whatOf } from './restore-basics.ts'
import { parseEmbedderKeys, parseSearchServer } from './search-server.ts'
import { maskingWarnings } from './secrets.ts'
import { patternsLike } from './values.ts'

/** Reads all that `restore-verify` of Meilisearch needs; throws `input` with everything that is wrong. */
export function readMeilisearchVerify(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): MeilisearchVerifyRequest {
  const attempt = attempts(given, problems)
  const basics = readRestoreBasics(given, problems)
  const target = readTarget(given, problems)
  const liveHost = attempt('meili-host', parseSearchServer)
  const extras = given.value('extras')
  if (extras !== undefined && extras !== 'negative-control') {
    problems.add('extras', 'is not negative-control, which is all that there is for Meilisearch.')
  }
  const measures = readMeasures(given, problems)
  if (basics?.key !== undefined && (extras !== undefined || measures.targets.recipients !== undefined)) {
    problems.add(
      'key',
      'names an archive without a manifest, of which neither extras nor targets: recipients=… says anything. Remove one of them.',
    )
  }
  if (target && target.host === liveHost) {
    problems.add(
      'target-meili-host',
      'is the server that is backed up (meili-host). Give an empty one of its own, for example a service container.',
    )
  }
  if (problems.any) throw problems.failure()
  if (!basics) throw new TypeError('an input is neither there nor wrong')
  const { store, prefix, choice, key, identities, remarks } = basics
  return {
    command: 'restore-verify',
    source: 'meilisearch',
    store,
    prefix,
    choice,
    ...(key !== undefined && { key }),
    identities,
    ...(target && { target }),
    ...(liveHost !== undefined && { liveHost }),
    extras: extras === undefined ? [] : ['negative-control'],
    ...measures,
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
  const attempt = attempts(given, problems)
  const basics = readRestoreBasics(given, problems)
  const target = readTarget(given, problems)
  if (given.value('target-meili-host') === undefined) {
    problems.add(
      'target-meili-host',
      'is missing or empty. Give the address of the server that the backup goes into: https://search.example.com.',
    )
  }
  if (target) assertConfirmed(target, given, problems)
  const only = attempt('only', parseIndexes) ?? []
  const embedderKeys = attempt('meili-embedder-keys', parseEmbedderKeys) ?? new Map<string, string>()
  if (problems.any) throw problems.failure()
  if (!basics || !target) throw new TypeError('an input is neither there nor wrong')
  const { store, prefix, identities, remarks } = basics
  return {
    command: 'restore',
    source: 'meilisearch',
    store,
    prefix,
    what: whatOf(basics),
    identities,
    target,
    only,
    embedderKeys,
    secrets,
    notices: remarks.notices,
    warnings: [...remarks.warnings, ...exposed(target.host), ...maskingWarnings(secrets, [prefix])],
  }
}

/** Uids of indexes, or patterns of them with `*`. */
function parseIndexes(text: string): string[] {
  const patterns = patternsLike('products, articles-*')(text)
  const odd = patterns.find((pattern) => !/^[A-Za-z0-9_*-]+$/.test(pattern))
  if (odd === undefined) return patterns
  throw new LifeboatError('input', `names "${odd}", which is no uid of an index.`, {
    hint: 'Write letters, digits, - and _, and * for anything: products, articles-*.',
  })
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
