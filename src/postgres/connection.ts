import { LifeboatError } from '../errors.ts'
import { parseRequireAuth } from './authentication.ts'
import { fateOf } from './libpq-parameters.ts'
import { parseTls, type Tls } from './tls-settings.ts'
import { poolerSign } from './pooler-signs.ts'

/** Where a database is and who we are there: what `DATABASE_URL` says, taken apart once for every client. */
export interface Connection {
  /** A name, an address without brackets, or the directory of a unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  readonly tls: Tls
  /** Seconds. */
  readonly connectTimeout: number
  /** Command-line options for the server process, as libpq's `options`. */
  readonly serverOptions: string | undefined
  readonly channelBinding: 'disable' | 'prefer' | 'require' | undefined
  /** As written; see `parseRequireAuth`. */
  readonly requireAuth?: string | undefined
  /** What the server calls its sessions; absent: `lifeboat`. */
  readonly applicationName?: string
}

const EXAMPLE = 'postgresql://user:password@host:5432/database'

/**
 * Reads a PostgreSQL connection URI as libpq does. `notices` name what was dropped. Throws `input`; no message
 * holds the password, or the URL.
 */
export function parseConnection(url: string): { connection: Connection; notices: string[] } {
  const parts =
    /^(?<scheme>[A-Za-z][A-Za-z0-9.+-]*):\/\/(?:(?<credentials>[^/?#]*)@)?(?<hosts>[^/?#@]*)(?:\/(?<database>[^?#]*))?(?:\?(?<query>[^#]*))?(?<fragment>#.*)?$/s.exec(
      url.trim(),
    )?.groups
  if (!parts || !/^postgres(ql)?(\+\w+)?$/i.test(parts.scheme ?? '')) {
    throw invalid(`is not a PostgreSQL URL.`, `It looks like ${EXAMPLE}.`)
  }
  if (parts.fragment !== undefined || (parts.credentials?.includes('@') ?? false)) {
    throw invalid(
      'holds a character that has a meaning of its own in a URL.',
      'Percent-encode the password: @ is %40, # is %23, / is %2F, ? is %3F, : is %3A, % is %25.',
    )
  }
  const notices: string[] = []
  if (/\+/.test(parts.scheme ?? ''))
    notices.push(`The driver in the URL's scheme (${parts.scheme ?? ''}) is dropped.`)

  const query = new Map<string, string>()
  for (const pair of (parts.query ?? '').split('&').filter((text) => text !== '')) {
    const [name = '', ...value] = pair.split('=')
    const key = decode(name, 'a parameter')
    const text = decode(value.join('='), key)
    const notice = judgeParameter(key, text)
    if (notice === undefined) query.set(key, text)
    else notices.push(notice)
  }

  const [user = '', ...password] = (parts.credentials ?? '').split(':')
  const { host, port } = parseHost(parts.hosts ?? '', query)
  const connection: Connection = {
    host,
    port,
    user: query.get('user') ?? decode(user, 'the user'),
    password:
      query.get('password') ?? (password.length > 0 ? decode(password.join(':'), 'the password') : undefined),
    database: query.get('dbname') ?? decode(parts.database ?? '', 'the database'),
    tls: parseTls(query),
    connectTimeout: parseTimeout(query.get('connect_timeout')),
    serverOptions: query.get('options'),
    channelBinding: parseChannelBinding(query.get('channel_binding')),
    ...(query.has('require_auth') && { requireAuth: query.get('require_auth') }),
  }
  if (connection.requireAuth !== undefined) parseRequireAuth(connection.requireAuth)
  if (connection.channelBinding === 'require' && connection.tls.mode === 'disable') {
    throw invalid(
      'asks for channel_binding=require and sslmode=disable, which contradict each other.',
      'Write sslmode=require or better: what the channel binding binds to is TLS.',
    )
  }
  if (connection.user === '') throw invalid('names no user.', `It looks like ${EXAMPLE}.`)
  if (connection.database === '') throw invalid('names no database.', `It looks like ${EXAMPLE}.`)
  // A NUL ends a C string, and a passfile has no way to write a line break.
  const { tls, ...others } = connection
  if (/[\0\r\n]/.test([others, tls].flatMap((part) => Object.values<unknown>({ ...part })).join('')))
    throw invalid('holds a line break or a NUL.', 'Remove it.')
  const sign = poolerSign(connection, query)
  if (sign !== undefined)
    notices.push(
      `The URL (${sign}) looks like a pooler in transaction mode: that is measured before anything is done.`,
    )
  return { connection, notices }
}

/** The same server and role, another database. */
export function inDatabase(connection: Connection, database: string): Connection {
  return { ...connection, database }
}

/** For people: `app on db.example.com:5432`. */
export function describeConnection({ host, port, database }: Connection): string {
  return `database "${database}" on ${host.includes(':') ? `[${host}]` : host}:${port}`
}

function parseHost(text: string, query: ReadonlyMap<string, string>): { host: string; port: number } {
  const match = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:]*))(?::(?<port>[^:]*))?$/.exec(text)
  const named = query.get('host') ?? match?.groups?.v6 ?? match?.groups?.name ?? ''
  if (text.includes(',') || named.includes(',')) {
    throw invalid(
      'names several hosts.',
      'Name the one to back up: a backup must know what it is a backup of.',
    )
  }
  if (!match)
    throw invalid('has a host that cannot be read.', 'An IPv6 address stands in brackets: [2001:db8::1].')
  const host = decode(named, 'the host')
  const digits = query.get('port') ?? match.groups?.port ?? ''
  const port = digits === '' ? 5432 : Number(digits)
  if (!/^\d*$/.test(digits) || port < 1 || port > 65_535) {
    throw invalid('has a port that is no number from 1 to 65535.', 'The usual port is 5432.')
  }
  return { host: host === '' ? 'localhost' : host, port }
}

/** Undefined for a parameter that is kept, a notice for one that is dropped. Throws `input` for any other. */
function judgeParameter(name: string, value: string): string | undefined {
  const fate = fateOf(name)
  switch (fate?.fate) {
    case 'kept':
      return undefined
    case 'own':
      return `The URL's parameter ${name} is dropped: Lifeboat sets its own.`
    case 'foreign':
      return `The URL's parameter ${name} is an ORM's, not PostgreSQL's: dropped.`
    case 'only':
      if (fate.values.includes(value)) return undefined
      throw invalid(`asks by ${name} for what Lifeboat cannot keep.`, fate.hint)
    case 'refused':
      throw invalid(`asks by ${name} for what Lifeboat cannot keep.`, fate.hint)
    case undefined:
      throw invalid(`has a parameter that PostgreSQL does not know: ${name}.`, 'Remove it from the URL.')
  }
}

function parseTimeout(text: string | undefined): number {
  const seconds = Number(text ?? '30')
  if (!Number.isInteger(seconds) || seconds < 0) {
    throw invalid(
      'has a connect_timeout that is no whole number of seconds.',
      'Remove it, or say connect_timeout=30.',
    )
  }
  return seconds === 0 ? 30 : seconds
}

function parseChannelBinding(text: string | undefined): Connection['channelBinding'] {
  if (text === undefined || text === 'disable' || text === 'prefer' || text === 'require') return text
  throw invalid(
    'has a channel_binding that PostgreSQL does not know.',
    'It is one of disable, prefer, require.',
  )
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid(`has a % in ${what} that begins no code.`, 'A % of its own is written %25.')
  }
}

function invalid(what: string, hint: string): LifeboatError {
  return new LifeboatError('input', `The database URL ${what}`, { hint })
}
