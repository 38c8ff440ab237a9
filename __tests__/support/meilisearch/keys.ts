import { createHmac, randomUUID } from 'node:crypto'
import { Refusal } from './refusal.ts'

export interface StoredKey {
  readonly uid: string
  readonly name: string | null
  readonly description: string | null
  readonly actions: readonly string[]
  readonly indexes: readonly string[]
  readonly expiresAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

/** The string that clients send: it follows from the master key and the key's uid. */
export function keyString(master: string, uid: string): string {
  return createHmac('sha256', master).update(uid).digest('hex')
}

/** What a server with a master key has from its first start on; newest first. */
export function defaultKeys(now: () => string): StoredKey[] {
  const key = (name: string, description: string, actions: string[]): StoredKey => {
    const time = now()
    return {
      uid: randomUUID(),
      name,
      description,
      actions,
      indexes: ['*'],
      expiresAt: null,
      createdAt: time,
      updatedAt: time,
    }
  }
  return [
    key('Default Search API Key', 'Use it to search from the frontend', ['search']),
    key(
      'Default Admin API Key',
      'Use it for anything that is not a search operation. Caution! Do not expose it on a public frontend',
      ['*'],
    ),
    key(
      'Default Read-Only Admin API Key',
      'Use it to read information across the whole database. Caution! Do not expose this key on a public frontend',
      ['*.get', 'keys.get'],
    ),
    key('Default Chat API Key', 'Use it to chat and search from the frontend', ['chatCompletions', 'search']),
  ]
}

/** Throws 401 or 403 as the server does; `index` is the one that the request names. */
export function authorize(
  keys: readonly StoredKey[],
  request: {
    readonly master: string | undefined
    readonly given: string | undefined
    readonly action: string
    readonly index: string | undefined
  },
): void {
  const { master, given, action, index } = request
  if (master === undefined) return
  if (given === undefined) {
    throw new Refusal(
      401,
      'missing_authorization_header',
      'The Authorization header is missing. It must use the bearer authorization method.',
      'auth',
    )
  }
  if (given === master) return
  const key = keys.find(({ uid }) => keyString(master, uid) === given)
  if (
    !key?.actions.some((each) => covers(each, action)) ||
    (key.expiresAt !== null && Date.parse(key.expiresAt) < Date.now())
  ) {
    throw new Refusal(403, 'invalid_api_key', 'The provided API key is invalid.', 'auth')
  }
  if (isGlobal(action) && !key.indexes.includes('*')) {
    throw new Refusal(403, 'invalid_api_key', 'The provided API key is invalid.', 'auth')
  }
  if (index !== undefined && !key.indexes.some((each) => each === '*' || each === index)) {
    throw new Refusal(
      403,
      'invalid_api_key',
      `The API key cannot acces the index \`${index}\`, authorized indexes are ${JSON.stringify(key.indexes)}.`,
      'auth',
    )
  }
}

/** What belongs to no index is refused to a key that is for some of them, whatever its actions. */
function isGlobal(action: string): boolean {
  return /^(version|keys|experimental|webhooks|dumps|snapshots|network|chats)(\.|$)/.test(action)
}

/** Keys and the version are not among what `*.get` covers. */
function covers(pattern: string, action: string): boolean {
  if (pattern === action || pattern === '*')
    return action !== 'keys.get' || pattern === action || pattern === '*'
  if (pattern === '*.get') return action.endsWith('.get') && action !== 'keys.get'
  return pattern.endsWith('.*') && action.startsWith(pattern.slice(0, -1))
}
