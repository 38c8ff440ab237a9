import { LifeboatError } from '../errors.ts'
import type { MeilisearchClient } from './client.ts'
import { MeilisearchRefusal } from './failure.ts'
import { KEY_ACTIONS, RIGHTS, type Use } from './rights.ts'

/** What asking for everything that a key is used for showed. */
export interface TriedRights {
  /** Actions, by Meilisearch's names. */
  readonly granted: readonly string[]
  readonly lacking: readonly string[]
  /** Nothing but doing it would show whether the key has them. */
  readonly untried: readonly string[]
  /** Neither: the request failed for another reason. */
  readonly broken: readonly { readonly right: string; readonly error: unknown }[]
}

/** An index that nobody has: who may not read it is told so before that it is not there. */
const NO_INDEX = 'lifeboat-doctor'
/** A uid that no index can have: who may not write is told so first, who may is told that it is none. */
const NO_UID = 'no%20uid'

/**
 * Each asks for something that the server looks at after the key, and does nothing: it has no effect, or is no request.
 * That it is malformed must show in the handler only: a body that cannot be read is refused before the key is looked at.
 */
const TRIALS: Readonly<Record<string, (client: MeilisearchClient, index: string) => Promise<unknown>>> = {
  version: (client) => client.version(),
  'keys.get': (client) => client.read('/keys?limit=1', 'keys.get'),
  'tasks.get': (client) => client.tasks('limit=1'),
  'tasks.cancel': (client) => post(client, '/tasks/cancel', 'tasks.cancel'),
  'indexes.get': (client) => client.read('/indexes?limit=1', 'indexes.get'),
  'indexes.delete': (client) =>
    client.send({ method: 'DELETE', path: `/indexes/${NO_UID}`, right: 'indexes.delete', attempt: 'repeat' }),
  'indexes.swap': (client) => post(client, '/swap-indexes', 'indexes.swap', '[{"indexes":["one"]}]'),
  'settings.get': (client, index) => client.settings(index),
  'settings.update': (client) => client.patch(`/indexes/${NO_UID}/settings`, '{}', 'settings.update'),
  'documents.get': (client, index) => client.documentsPage(index, { offset: 0, limit: 1 }),
  'documents.add': (client) => post(client, `/indexes/${NO_UID}/documents`, 'documents.add', '[]'),
  'stats.get': (client) => client.read('/stats', 'stats.get'),
  'experimental.get': (client) => client.read('/experimental-features', 'experimental.get'),
  'webhooks.get': (client) => client.read('/webhooks', 'webhooks.get'),
  search: (client) => client.search(NO_INDEX, { q: '', limit: 1 }),
}

function post(client: MeilisearchClient, path: string, right: string, body?: string): Promise<unknown> {
  return client.send({
    method: 'POST',
    path,
    right,
    attempt: 'repeat',
    ...(body === undefined ? {} : { body }),
  })
}

/** Asks for all that a key needs for `use`, and changes nothing. */
export async function tryRights(client: MeilisearchClient, use: Use): Promise<TriedRights> {
  const tried = {
    granted: [] as string[],
    lacking: [] as string[],
    untried: [] as string[],
    broken: [] as { right: string; error: unknown }[],
  }
  let index = NO_INDEX
  for (const right of RIGHTS[use]) {
    const ask = TRIALS[right]
    if (!ask) {
      tried.untried.push(right)
      continue
    }
    try {
      await ask(client, index)
      tried.granted.push(right)
      // A key for some indexes only may read those.
      if (right === 'indexes.get') index = (await client.indexes())[0]?.uid ?? NO_INDEX
    } catch (error) {
      const answer = meaningOf(error)
      if (answer === 'broken') tried.broken.push({ right, error })
      else tried[answer].push(right)
    }
  }
  return tried
}

/**
 * Looks before the long work whether the key is enough for `use`. Throws `privilege` with all that it lacks, and what
 * else kept the server from answering.
 */
export async function assertRights(client: MeilisearchClient, use: Use): Promise<void> {
  const { lacking, broken } = await tryRights(client, use)
  const [first] = broken
  if (first) throw first.error
  if (lacking.length === 0) return
  throw new LifeboatError(
    'privilege',
    `The key for Meilisearch at ${client.host} lacks ${lacking.join(', ')}; nothing was changed.`,
    {
      hint: `Make one with the actions ${KEY_ACTIONS[use].join(', ')}, for all indexes, or give the master key. A key that is wrong or has expired lacks all of them.`,
    },
  )
}

/** That there is no such thing, or that it cannot be done so, is said only to who may ask for it. */
function meaningOf(error: unknown): 'granted' | 'lacking' | 'broken' {
  if (!(error instanceof MeilisearchRefusal)) return 'broken'
  if (error.apiCode === 'missing_master_key') return 'granted'
  if (error.status === 401 || error.status === 403) return 'lacking'
  return error.status >= 400 && error.status < 500 && error.status !== 429 ? 'granted' : 'broken'
}
