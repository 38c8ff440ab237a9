import { advice, failed, failedBy, notChecked, passed, type Finding } from '../catalog/finding.ts'
import type { ApiKey, MeilisearchClient } from './client.ts'
import { MeilisearchRefusal } from './failure.ts'
import { KEY_ACTIONS } from './rights.ts'
import { tryRights, type TriedRights } from './try-rights.ts'

export interface KeyExamination {
  /** Undefined where none is given. */
  readonly apiKey: string | undefined
  /** The server makes the dumps; else they are built from the API. */
  readonly makesDumps: boolean
  readonly now: Date
}

const RIGHTS = 'rights of the key'
const ITSELF = 'the key itself'
/** Of what is tried, those that are no index's: a key for some indexes is refused them, whatever its actions. */
const GLOBAL = ['version', 'keys.get', 'experimental.get', 'webhooks.get']
/** So long before its end a key is worth a word. */
const SOON_MS = 30 * 86_400_000

/** Asks for everything that a backup asks for, and looks the key up in the server's list where it may see that. */
export async function* examineKey(
  client: MeilisearchClient,
  options: KeyExamination,
): AsyncGenerator<Finding> {
  const { apiKey, makesDumps } = options
  const todo = recipe(client.host, options)
  const tried = await tryRights(client, makesDumps ? 'server-dump' : 'backup')
  for (const { right, error } of tried.broken) yield failedBy(right, error)
  if (tried.granted.includes('version')) yield passed('version', `Meilisearch ${await client.version()}.`)
  const keys = await visibleKeys(client)
  const own = typeof keys === 'string' ? undefined : keys.find(({ key }) => key === apiKey)
  const untried = own ? tried.untried.filter((right) => !covers(own.actions, right)) : []
  yield rights(tried, { apiKey, untried, todo })
  if (keys === 'keyless') {
    yield advice(
      ITSELF,
      'the server runs without a master key: whoever reaches it reads and removes everything.',
      'Start it with --master-key (MEILI_MASTER_KEY), and give a key of its own to whoever uses it.',
    )
  } else if (own) yield standing(own, options.now, todo)
  else if (keys !== 'hidden') yield advice(ITSELF, 'it is the master key, which may do everything.', todo)
  else if (tried.untried.length > 0 && tried.granted.length > 0) {
    yield notChecked(
      tried.untried.join(', '),
      'only a dump would show whether the key has it; a key that may keys.get, too, can be looked up.',
      todo,
    )
  }
}

/** To look the key itself up, where it may see the list; no command needs that of a key for dumps. */
async function visibleKeys(client: MeilisearchClient): Promise<readonly ApiKey[] | 'hidden' | 'keyless'> {
  try {
    return await client.keys()
  } catch (error) {
    if (!(error instanceof MeilisearchRefusal)) throw error
    if (error.apiCode === 'missing_master_key') return 'keyless'
    if (error.status === 401 || error.status === 403) return 'hidden'
    throw error
  }
}

function rights(
  { granted, lacking }: TriedRights,
  {
    apiKey,
    untried,
    todo,
  }: { readonly apiKey: string | undefined; readonly untried: readonly string[]; readonly todo: string },
): Finding {
  const lacks = [...lacking, ...untried]
  if (lacks.length === 0) return passed(RIGHTS, `it may ${granted.join(', ')}.`)
  if (apiKey === undefined) {
    return failed(RIGHTS, 'the server wants a key, and none is given (meili-api-key, MEILI_API_KEY).', todo)
  }
  if (granted.length === 0) {
    return failed(RIGHTS, 'all is refused: the key is wrong, removed or expired, or may do nothing.', todo)
  }
  const scoped = GLOBAL.every((right) => lacks.includes(right))
    ? ' A key that is for some indexes only never has these.'
    : ''
  return failed(RIGHTS, `it lacks ${lacks.join(', ')}; it may ${granted.join(', ')}.${scoped}`, todo)
}

/** Until when it holds, and whether it may too much. */
function standing({ actions, expiresAt }: ApiKey, now: Date, todo: string): Finding {
  const end = expiresAt === null ? 'it does not end.' : `it ends on ${expiresAt}.`
  if (expiresAt !== null && Date.parse(expiresAt) - now.getTime() < SOON_MS) {
    return advice(ITSELF, `${end} Backups fail from then on.`, todo)
  }
  return actions.includes('*')
    ? advice(ITSELF, 'it may do everything, as an admin key does.', todo)
    : passed(ITSELF, end)
}

/** `dumps.*` covers `dumps.create`. */
function covers(actions: readonly string[], right: string): boolean {
  return actions.some(
    (each) => each === '*' || each === right || (each.endsWith('.*') && right.startsWith(each.slice(0, -1))),
  )
}

/** How to make a key that is enough, and no more. */
function recipe(host: string, { makesDumps }: KeyExamination): string {
  const actions = KEY_ACTIONS[makesDumps ? 'server-dump' : 'backup']
  const body = JSON.stringify({ name: 'backup', actions, indexes: ['*'], expiresAt: null })
  return (
    `This makes a key that is enough: curl ${host}/keys -H 'Authorization: Bearer <master key>' ` +
    `-H 'Content-Type: application/json' -d '${body}'. Its "key" goes into the secret behind MEILI_API_KEY.`
  )
}
