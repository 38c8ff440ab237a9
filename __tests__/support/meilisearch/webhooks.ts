import { randomUUID } from 'node:crypto'
import { hideSecret } from './settings.ts'
import type { ServerState } from './state.ts'

export interface StoredWebhook {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export function createWebhook(state: Pick<ServerState, 'webhooks'>, body: string): object {
  const { url, headers = {} } = JSON.parse(body) as { url: string; headers?: Record<string, string> }
  const uuid = randomUUID()
  state.webhooks.set(uuid, { url, headers })
  return view(uuid, { url, headers })
}

export function listWebhooks({ webhooks }: Pick<ServerState, 'webhooks'>): object {
  return { results: [...webhooks].map(([uuid, webhook]) => view(uuid, webhook)) }
}

/** The one whose uuid is all zeros is the one that the server was started with. */
function view(uuid: string, { url, headers }: StoredWebhook): object {
  const shown = Object.entries(headers).map(([name, value]) => [
    name,
    /^authorization$/i.test(name) ? hiddenHeader(value) : value,
  ])
  return { uuid, isEditable: !/^[0-]+$/.test(uuid), url, headers: Object.fromEntries(shown) as object }
}

function hiddenHeader(value: string): string {
  const [, bearer = '', secret = value] = /^(Bearer )(.*)$/s.exec(value) ?? []
  return `${bearer}${hideSecret(secret)}`
}
