import type { RestoreFailure } from '../catalog/restorer.ts'
import type { MeilisearchClient } from './client.ts'
import { MeilisearchRefusal } from './failure.ts'
import type { DumpedKey } from './inspect-archive.ts'

/**
 * Makes the API keys that the server lacks, with the uids that they had: on a server with the same master key they are the
 * same strings again. Without the right to make keys, nothing of them is done, and a note says so.
 */
export async function restoreKeys(
  client: MeilisearchClient,
  keys: readonly DumpedKey[],
): Promise<{ readonly notes: readonly string[]; readonly failures: readonly RestoreFailure[] }> {
  if (keys.length === 0) return { notes: [], failures: [] }
  const failures: RestoreFailure[] = []
  const expired: string[] = []
  let made = 0
  try {
    const there = new Set((await client.keys()).map(({ uid }) => uid))
    for (const key of keys.filter(({ uid }) => !there.has(uid))) {
      if (key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now()) expired.push(key.uid)
      else if (await make(client, key, failures)) made += 1
    }
  } catch (error) {
    if (!(error instanceof MeilisearchRefusal && (error.status === 401 || error.status === 403))) throw error
    return {
      notes: [
        `The ${keys.length} API keys of the backup were not restored: that takes the master key as target-meili-api-key, on a server that has one.`,
      ],
      failures,
    }
  }
  return {
    notes: [
      ...(made > 0
        ? [
            `${made} API keys were made with the uids that they had: the strings are those of before only if the master key is.`,
          ]
        : []),
      ...(expired.length > 0 ? [`${expired.length} API keys have expired since, and were left out.`] : []),
    ],
    failures,
  }
}

async function make(client: MeilisearchClient, key: DumpedKey, failures: RestoreFailure[]): Promise<boolean> {
  try {
    await client.createKey({ ...key, actions: [...key.actions], indexes: [...key.indexes] })
    return true
  } catch (error) {
    if (!(error instanceof MeilisearchRefusal) || error.status === 401 || error.status === 403) throw error
    failures.push({ what: `API key ${key.uid}`, reason: error.message })
    return false
  }
}
