import { meilisearchClient, type MeilisearchClient } from '../../src/meilisearch/client.ts'
import { followTask } from '../../src/meilisearch/task.ts'
import { systemClock } from '../../src/catalog/ports.ts'
import { startMeilisearchServer, type MeilisearchServer } from './meilisearch-server.ts'

/** A server for tests that ask only the API: a real one where the environment names it, else the stand-in. */
export interface MeilisearchTarget extends AsyncDisposable {
  readonly url: string
  readonly masterKey: string
  /** Undefined where it is a real one. */
  readonly standIn: MeilisearchServer | undefined
  readonly client: MeilisearchClient
  /** Anything else of the API, with the master key; throws unless it is a 2xx. */
  ask(method: string, path: string, body?: object): Promise<string>
  /** Waits until the task has succeeded. */
  done(task: Promise<number>): Promise<void>
  /** Removes every index and webhook, and all keys but those that every server has. */
  clear(): Promise<void>
}

const MASTER = 'master-key-0123456789abcdef'

/**
 * `MEILISEARCH_URL` may name real servers, separated by commas, with `MEILISEARCH_MASTER_KEY`: the `number`th of them, from
 * 0, is used, and EMPTIED. Where it names none (or not so many), a stand-in is started.
 */
export async function meilisearchTarget(number = 0): Promise<MeilisearchTarget> {
  const real = process.env['MEILISEARCH_URL']?.split(',')[number]?.trim()
  const standIn = real ? undefined : await startMeilisearchServer({ masterKey: MASTER })
  const url = real ? real.replace(/\/+$/, '') : (standIn?.url ?? '')
  const masterKey = real ? (process.env['MEILISEARCH_MASTER_KEY'] ?? MASTER) : MASTER
  const client = clientOf(url, masterKey)
  const done = async (task: Promise<number>): Promise<void> => {
    await followTask(client, await task, { what: 'what a test asked', clock: systemClock, limitMs: 120_000 })
  }
  const ask = async (method: string, path: string, body?: object): Promise<string> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`)
    return text
  }
  const clear = async (): Promise<void> => {
    for (const { uid } of await client.indexes()) await done(client.deleteIndex(uid))
    for (const { uid, name } of await client.keys()) {
      if (name?.startsWith('Default ') !== true) await ask('DELETE', `/keys/${uid}`)
    }
    const listed = JSON.parse(await ask('GET', '/webhooks')) as { results: { uuid: string }[] }
    for (const { uuid } of listed.results) await ask('DELETE', `/webhooks/${uuid}`)
  }
  if (real) await clear()
  return {
    url,
    masterKey,
    standIn,
    client,
    ask,
    done,
    clear,
    async [Symbol.asyncDispose]() {
      if (standIn) await standIn[Symbol.asyncDispose]()
      else await clear()
    },
  }
}

/** A client that gives up soon. */
export function clientOf(
  host: string,
  apiKey: string | undefined,
  options: {
    readonly signal?: AbortSignal
    readonly retries?: number
    readonly timeoutMs?: number
    readonly stallMs?: number
  } = {},
): MeilisearchClient {
  const { signal = new AbortController().signal, retries = 2, timeoutMs = 30_000, ...others } = options
  return meilisearchClient({ host, apiKey, retries, timeoutMs, signal, pauseMs: 5, ...others })
}
