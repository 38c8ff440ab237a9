import type { ServerError } from './server-errors.ts'

/**
 * What a complaint is about: `rights` that the restoring role lacks, the `machine` (disk, memory, connection), something
 * that the `place` lacks (a locale), something that is `absent` from the database; anything else is `other`.
 */
export type ComplaintKind = 'rights' | 'machine' | 'place' | 'absent' | 'other'

/**
 * Tells what a message of pg_restore is about by SQLSTATE and by where in its source the server raised it, if its log is at hand; else by whole
 * messages in the C locale. What a function of the database raises in its own words never decides.
 */
export function kindOf(complaint: string, said: readonly ServerError[]): ComplaintKind {
  const { severity, headline, rest } = partsOf(complaint)
  if (severity === '') return OF_THE_CLIENT.test(headline) ? 'machine' : 'other'
  const logged = said.filter(({ message }) => `${headline}\n${rest}\n`.startsWith(`${message}\n`))
  if (logged.length === 0) return isInOwnWords(rest) ? 'other' : kindOfWords(headline)
  const kinds = new Set(logged.map((error) => kindOfError(error)))
  const [kind = 'other'] = kinds
  // Who says the same with another meaning takes the benefit of the doubt away.
  return kinds.size === 1 ? kind : 'other'
}

/** Without a severity it is pg_restore that speaks, or the library that it connects with. */
function partsOf(message: string): { severity: string; headline: string; rest: string } {
  const words = message.replace(/^COPY failed for table ".*?": /, '')
  const [, severity = '', said = words] = /^(ERROR|FATAL|PANIC): +(.*)$/s.exec(words) ?? []
  const [headline = '', ...rest] = said.split('\n')
  return { severity, headline, rest: rest.join('\n') }
}

const OF_THE_CLIENT =
  /^(server closed the connection unexpectedly|no connection to the server|connection to server |SSL connection has been closed|SSL SYSCALL error|could not (connect to|send data to|receive data from) |terminating connection |out of memory)/

const RIGHTS = '42501'
const ABSENT = ['3D000', '3F000', '42704', '42883', '42P01', '42703']
/** Resources, the system, an administrator's stop, the connection. */
const MACHINE = /^(53...|58...|57P0[1-5]|08...|25P0[234])$/
/** Files of the languages that functions are written in: they raise what their functions say. */
const LANGUAGES = /^(pl_|plpy|plperl|pltcl|plv8|pllua|plr\b|Util\.)/

function kindOfError({ state, message, file }: ServerError): ComplaintKind {
  if (LANGUAGES.test(file)) return 'other'
  if (isAboutPlace(message)) return 'place'
  if (state === RIGHTS) return NOBODY_MAY.test(message) ? 'other' : 'rights'
  if (MACHINE.test(state)) return 'machine'
  if (INTERNAL_STATE.test(message)) return 'rights'
  return ABSENT.includes(state) ? 'absent' : 'other'
}

function kindOfWords(headline: string): ComplaintKind {
  if (isAboutPlace(headline)) return 'place'
  if (MACHINE_WORDS.test(headline)) return 'machine'
  if (NOBODY_MAY.test(headline)) return 'other'
  if (RIGHTS_WORDS.test(headline) || INTERNAL_STATE.test(headline)) return 'rights'
  return ABSENT_WORDS.test(headline) ? 'absent' : 'other'
}

/** Where the server's log is not to be had: a function's words carry the line that raised them, or its language. */
function isInOwnWords(rest: string): boolean {
  return / at RAISE$/m.test(rest) || /^(CONTEXT: +)?PL\/(?!pgSQL )\S+ /m.test(rest)
}

const NAME = '"[^"]+"'
const RIGHTS_WORDS = new RegExp(
  [
    'permission denied for [a-z-]+(?: [a-z-]+)*(?: \\S+)?',
    'permission denied to [a-z-]+ [^:]+',
    `permission denied: ${NAME} is a system catalog`,
    'must be (?:superuser|owner of|member of|a member of|able to SET ROLE) ?[^:]*',
    '(?:only|Only) (?:superusers?|roles with|a superuser) [^:]+',
    `language ${NAME} is not trusted`,
    'password_required=false is superuser-only',
  ]
    .map((each) => `^${each}$`)
    .join('|'),
)
/** What a superuser may not do either. */
const NOBODY_MAY = /^cannot .* within security-restricted operation$/
/** Anybody may make an aggregate, but one with such a state only a superuser. */
const INTERNAL_STATE = /^aggregate transition data type cannot be internal$/
const MACHINE_WORDS =
  /^(could not [^:]+(?: "[^"]*")?: (?:No space left on device|Disk quota exceeded|Input\/output error|Cannot allocate memory)|out of (?:shared )?memory|terminating connection due to [a-z -]+|the database system is (?:starting up|shutting down|in recovery mode|not (?:yet )?accepting connections)|sorry, too many clients already|remaining connection slots are reserved .*|too many connections for (?:database|role) "[^"]+")$/
const ABSENT_WORDS =
  /^(relation|function|procedure|aggregate|type|schema|column|operator|collation|role|server|foreign-data wrapper|access method|language|extension|text search [a-z]+|operator class|operator family) .+ does not exist( for access method "[^"]+")?$/

function isAboutPlace(message: string): boolean {
  return missingLocale(message) !== undefined || LACKED.test(message)
}

/** What another build, another machine or a preloaded library has. */
const LACKED =
  /^(ICU is not supported in this build|unrecognized configuration parameter "[^"]+"|unrecognized parameter "[^"]+"|could not access file "[^"]+": No such file or directory|extension "[^"]+" (?:is not available|must be preloaded))$/

/** The locale or collation that the server says it does not have. */
export function missingLocale(message: string): string | undefined {
  return (
    /^could not create locale "([^"]+)": No such file or directory$/.exec(message)?.[1] ??
    /^collation "(?:pg_catalog\.)?([^".]+(?:\.[^".]+)?)" for encoding "[^"]+" does not exist$/.exec(
      message,
    )?.[1] ??
    /^could not open collator for locale "([^"]+)": /.exec(message)?.[1]
  )
}
