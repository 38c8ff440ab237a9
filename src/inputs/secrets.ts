import type { Environment, InputRow } from './given.ts'
import { inputVariable } from './given.ts'
import { embedderKeysIn } from './search-server.ts'

/** Secrets that stand in the environment without being inputs: the replica's, the AWS SDK's, the runner's. */
const VARIABLES = [
  'REPLICA_SECRET_ACCESS_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'R2_SESSION_TOKEN',
  'REPLICA_SESSION_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
]

/** The shortest secret that can be masked without eating into ids, names and outputs. */
const SHORTEST = 8
/** What is shorter is not masked at all (`maskable` in the report): every line would have holes. */
const SHORTEST_MASKED = 4
/** What is shorter in an address is no key, but a word. */
const SHORTEST_KEY = 16

/**
 * Every string of the environment that must never be seen, longest first. It needs no valid inputs: whoever
 * reports what is wrong with them calls it before anything else.
 */
export function secretsIn(env: Environment, table: readonly InputRow[]): string[] {
  const found = new Set<string>()
  for (const row of table.filter((each) => each.secret)) {
    for (const text of [env[inputVariable(row.name)], row.fallback && env[row.fallback]]) {
      if (!text?.trim()) continue
      found.add(text.trim())
      for (const password of [...passwordsIn(text.trim()), ...keysIn(text.trim())]) found.add(password)
      if (row.name === 'meili-embedder-keys') for (const key of embedderKeysIn(text)) found.add(key)
    }
  }
  for (const name of VARIABLES) {
    const text = env[name]?.trim()
    if (text) found.add(text)
  }
  // A secret key of age has no business here, but is sometimes pasted in the place of the public one.
  for (const row of table) {
    for (const text of [env[inputVariable(row.name)], row.fallback && env[row.fallback]]) {
      for (const [identity] of (text ?? '').matchAll(/AGE-SECRET-KEY-[A-Z0-9-]+/gi)) found.add(identity)
    }
  }
  return [...found].sort((a, b) => b.length - a.length)
}

/** Also those that are refused: who refuses them must not print them. */
const SECRET_PARAMETERS =
  /[?&\s](?:password|sslpassword|scram_client_key|scram_server_key|oauth_client_secret)=([^&\s]+)/gi

/**
 * The passwords of a connection URL, as written and decoded, found without parsing it: a malformed URL, where
 * nobody can say which part is the password, is the one that ends up in an error message.
 */
function passwordsIn(text: string): string[] {
  const whole = /:\/\/[^:/?#]*:(.+)@/s.exec(text)?.[1]
  const beginning = /:\/\/[^:/?#]*:([^@]+)@/.exec(text)?.[1]
  const written = [
    whole,
    // Of a password that is not percent-encoded; too short a piece of it is a word like any other.
    ...(beginning !== whole && (beginning?.length ?? 0) < SHORTEST_MASKED ? [] : [beginning]),
    ...[...text.matchAll(SECRET_PARAMETERS)].map((match) => match[1]),
  ].filter((password) => password !== undefined)
  return [...written, ...written.map(decoded).filter((password) => password !== undefined)]
}

/** Of an address that is itself a secret: what stands behind the host, and the values of its query. */
function keysIn(text: string): string[] {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return []
  const { pathname, search, searchParams } = new URL(text)
  return [pathname, pathname + search, ...searchParams.values()].filter((part) => part.length >= SHORTEST_KEY)
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone %: then there is no decoded form that anybody could print.
    return undefined
  }
}

/**
 * What the runner's masking will break: it replaces every occurrence of a secret by `***` and drops an output
 * that holds one. `visible` are the names that appear in outputs.
 */
export function maskingWarnings(secrets: readonly string[], visible: readonly string[]): string[] {
  const masked = secrets.filter((secret) => secret.length >= SHORTEST_MASKED)
  const short = masked.filter((secret) => secret.length < SHORTEST)
  const eaten = visible.filter((text) => masked.some((secret) => text.includes(secret)))
  return [
    ...(masked.length < secrets.length
      ? [
          `A password or key of this step has fewer than ${SHORTEST_MASKED} characters. It is masked nowhere, for that ` +
            'would make the log unreadable, and anybody can guess it. Use a longer one.',
        ]
      : []),
    ...(short.length > 0
      ? [
          `A password or key of this step has fewer than ${SHORTEST} characters. The runner masks it wherever it ` +
            'occurs and drops every output that happens to hold it. Use a longer one.',
        ]
      : []),
    ...(eaten.length > 0
      ? [
          'The name of the database, of the backup or of its prefix holds the text of a password or key. The ' +
            'runner will drop the outputs that hold it. Change the password.',
        ]
      : []),
  ]
}
