import type { ApiKey, MeilisearchClient } from './client.ts'
import { MeilisearchRefusal } from './failure.ts'

/** What asking for everything that a backup asks for showed. */
export interface TriedRights {
  /** Actions, by Meilisearch's names. */
  readonly granted: readonly string[]
  readonly lacking: readonly string[]
  /** Neither: the request failed for another reason. */
  readonly broken: readonly { readonly right: string; readonly error: unknown }[]
  readonly version: string | undefined
  /** `hidden`: the key may not see them. `keyless`: the server has no master key, and so no keys. */
  readonly keys: readonly ApiKey[] | 'hidden' | 'keyless'
}

/** An index that nobody has: who may not read it is told so before that it is not there. */
const NO_INDEX = 'lifeboat-doctor'

/** Asks as a backup does; `fromApi`: one that reads all documents itself, instead of having the server make a dump. */
export async function tryRights(
  client: MeilisearchClient,
  { fromApi }: { readonly fromApi: boolean },
): Promise<TriedRights> {
  const seen: { version?: string; index: string; keys: TriedRights['keys'] } = {
    index: NO_INDEX,
    keys: 'hidden',
  }
  const both: readonly Trial[] = [
    ['version', async () => (seen.version = await client.version())],
    ['keys.get', async () => (seen.keys = await client.keys())],
    ['tasks.get', () => client.tasks('limit=1')],
  ]
  const reading: readonly Trial[] = [
    ['indexes.get', async () => (seen.index = (await client.indexes())[0]?.uid ?? NO_INDEX)],
    ['settings.get', () => client.settings(seen.index)],
    ['documents.get', () => client.documentsPage(seen.index, { offset: 0, limit: 1 })],
    ['stats.get', () => client.read('/stats', 'stats.get')],
    ['experimental.get', () => client.read('/experimental-features', 'experimental.get')],
    ['webhooks.get', () => client.read('/webhooks', 'webhooks.get')],
  ]
  const granted: string[] = []
  const lacking: string[] = []
  const broken: { right: string; error: unknown }[] = []
  for (const [right, ask] of fromApi ? [...both, ...reading] : both) {
    try {
      await ask()
      granted.push(right)
    } catch (error) {
      const answer = meaningOf(error)
      if (answer === 'keyless') seen.keys = 'keyless'
      if (answer === 'broken') broken.push({ right, error })
      else (answer === 'lacking' ? lacking : granted).push(right)
    }
  }
  return { granted, lacking, broken, version: seen.version, keys: seen.keys }
}

type Trial = readonly [right: string, ask: () => Promise<unknown>]

/** That there is no such thing is said only to who may ask for it. */
function meaningOf(error: unknown): 'granted' | 'lacking' | 'keyless' | 'broken' {
  if (!(error instanceof MeilisearchRefusal)) return 'broken'
  if (error.apiCode === 'missing_master_key') return 'keyless'
  if (error.status === 401 || error.status === 403) return 'lacking'
  return error.status === 404 || error.status === 400 ? 'granted' : 'broken'
}
