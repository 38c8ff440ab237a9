import { z } from 'zod'
import type { ApiKey, MeilisearchClient } from './client.ts'
import { parseAnswer } from './parse-answer.ts'
import { MeilisearchRefusal } from './failure.ts'

/** What a dump holds beside its indexes, as far as the API gives it. */
export interface ServerParts {
  readonly version: string
  /** Lines of `keys.jsonl`. */
  readonly keys: readonly ApiKey[]
  /** `experimental-features.json`; undefined where the server knows none. */
  readonly features: Buffer | undefined
  /** `webhooks.json`; undefined where the server knows none. */
  readonly webhooks: string | undefined
  /** Secrets that the API hid, in words. */
  readonly hidden: readonly string[]
  /** What is not in the dump, in sentences. */
  readonly notes: readonly string[]
}

/** Reads what belongs to no index. Throws what the client throws. */
export async function readServerParts(client: MeilisearchClient): Promise<ServerParts> {
  const version = await client.version()
  const notes = [
    'The history of tasks and batches and the instance uid are not in the dump: the API does not give them.',
  ]
  const keys = await readKeys(client, notes)
  const features = await optional(() => client.read('/experimental-features', 'experimental.get'))
  const { webhooks, hidden } = await readWebhooks(client, notes)
  if (features) notes.push(...leftOut(features))
  return { version, keys, features, webhooks, hidden, notes }
}

/** A key as dumps write it. */
export function keyLine({ description, name, uid, actions, indexes, ...times }: ApiKey): string {
  return JSON.stringify({
    ...(description === null || description === undefined ? {} : { description }),
    ...(name === null || name === undefined ? {} : { name }),
    uid,
    actions,
    indexes,
    expires_at: times.expiresAt,
    created_at: times.createdAt,
    updated_at: times.updatedAt,
  })
}

async function readKeys(client: MeilisearchClient, notes: string[]): Promise<readonly ApiKey[]> {
  try {
    return await client.keys()
  } catch (error) {
    if (!(error instanceof MeilisearchRefusal && error.apiCode === 'missing_master_key')) throw error
    notes.push(
      'The server runs without a master key, so there are no API keys: everybody who reaches it may do everything.',
    )
    return []
  }
}

const webhookList = z.object({
  results: z.array(
    z.object({
      uuid: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()).nullish(),
      isEditable: z.boolean().nullish(),
    }),
  ),
})

async function readWebhooks(
  client: MeilisearchClient,
  notes: string[],
): Promise<{ webhooks: string | undefined; hidden: readonly string[] }> {
  const path = '/webhooks'
  const body = await optional(() => client.read(path, 'webhooks.get'))
  if (!body) return { webhooks: undefined, hidden: [] }
  const { results } = parseAnswer({ method: 'GET', path, host: client.host }, body, webhookList)
  const hidden: string[] = []
  const ofTheStart = results.filter(({ isEditable }) => isEditable === false).length
  const kept = results.flatMap(({ uuid, url, headers, isEditable }) => {
    if (isEditable === false) return []
    const plain = Object.entries(headers ?? {}).filter(([name]) => !/^authorization$/i.test(name))
    if (plain.length < Object.keys(headers ?? {}).length)
      hidden.push(`the Authorization header of the webhook ${uuid}`)
    return [[uuid, { url, headers: Object.fromEntries(plain) }] as const]
  })
  const withHeaders = kept.filter(([, { headers }]) => Object.keys(headers).length > 0).length
  if (ofTheStart > 0) {
    notes.push('The webhook that the server was started with (--task-webhook-url) is not in the dump.')
  }
  if (withHeaders > 0) {
    notes.push(
      `${withHeaders} webhook(s) send headers besides Authorization, which the API shows whole: the dump holds them in clear, and is as secret as they are.`,
    )
  }
  return { webhooks: JSON.stringify({ webhooks: Object.fromEntries(kept) }), hidden }
}

/** Undefined where the server is too old to have such a thing. */
async function optional(read: () => Promise<Buffer>): Promise<Buffer | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof MeilisearchRefusal && (error.status === 404 || error.status === 400))
      return undefined
    throw error
  }
}

/** Features whose own settings the dump does not carry. */
function leftOut(features: Buffer): string[] {
  const on = z.record(z.string(), z.unknown()).safeParse(JSON.parse(features.toString('utf8'))).data ?? {}
  return [
    ...(on['network'] === true
      ? [
          'The network of servers (/network) is not in the dump: it names other servers and their keys. Set it up again after a restore.',
        ]
      : []),
    ...(on['chatCompletions'] === true
      ? [
          'Settings of chat workspaces (/chats) are not in the dump: the API hides their keys. Set them up again after a restore.',
        ]
      : []),
    ...(on['chatCompletions'] !== true || on['foreignKeys'] !== true
      ? [
          'Settings chat and foreignKeys of an index are in the dump only while their experimental feature (chatCompletions, foreignKeys) is on: else the API does not show them.',
        ]
      : []),
    ...(on['dynamicSearchRules'] === true ? ['Dynamic search rules are not in the dump.'] : []),
  ]
}
