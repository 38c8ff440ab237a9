import { LifeboatError } from '../errors.ts'
import { parseIdentities } from '../pipeline/age/identities.ts'
import { parseConnection } from '../postgres/connection.ts'
import type { Given } from './given.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import { parseCount, parseDuration } from './quantities.ts'
import type { PostgresVerifyRequest, VerifyExtra } from './request.ts'
import { maskingWarnings } from './secrets.ts'
import { parseSettings } from './settings.ts'
import { readStore, type Remarks } from './store.ts'
import { readChoice } from './which-backup.ts'

export const TARGETS = {
  recipients: (text: string) => parseCount(text, { least: 1, most: 100 }),
  rto: parseDuration,
}
const LIMITS = {
  stall: parseDuration,
  retries: (text: string) => parseCount(text, { least: 0, most: 20 }),
}
/** As `limits` of a backup. */
const STALL_MS = 600_000
const RETRIES = 11
const EXTRAS: readonly VerifyExtra[] = ['negative-control', 'amcheck']

/** Reads all that `restore-verify` needs, and what `drill` shares with it, which has `readers` of more targets; throws `input` with everything that is wrong. */
export function readRestoreVerify(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
  readers: typeof TARGETS = TARGETS,
): PostgresVerifyRequest {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = given.value(name)
    return text === undefined ? undefined : problems.attempt(given.label(name), () => parse(text))
  }
  const store = readStore(given, problems, remarks)
  const prefix = attempt('prefix', parsePrefix)
  const choice = readChoice(given, problems)
  const identities = attempt('age-identities', parseIdentities) ?? []
  const target = attempt('target-database-url', parseConnection)
  const pgBinDir = attempt('pg-bin-dir', parsePath)
  const extras = attempt('extras', parseExtras) ?? []
  const targets = attempt('targets', (text) => parseSettings(text, readers)) ?? {}
  // The default is a backup's, and names limits that a verification does not have.
  const limits =
    given.origin('limits') === 'default'
      ? {}
      : (attempt('limits', (text) => parseSettings(text, LIMITS)) ?? {})
  const expectations = given.value('expectations')
  if (problems.any) throw problems.failure()
  if (!store || prefix === undefined) throw new TypeError('an input is neither there nor wrong')
  return {
    command: 'restore-verify',
    source: 'postgres',
    store,
    prefix,
    choice,
    identities,
    ...(target && { target: target.connection }),
    ...(pgBinDir !== undefined && { pgBinDir }),
    ...(expectations !== undefined && { expectations }),
    extras,
    targets,
    stallMs: limits.stall ?? STALL_MS,
    retries: limits.retries ?? RETRIES,
    secrets,
    notices: [...remarks.notices, ...(target?.notices ?? [])],
    warnings: [...remarks.warnings, ...maskingWarnings(secrets, [prefix, choice.name ?? ''])],
  }
}

function parseExtras(text: string): VerifyExtra[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  return words.map((word) => {
    const extra = EXTRAS.find((each) => each === word)
    if (extra) return extra
    throw new LifeboatError('input', `"${word}" is not one of ${EXTRAS.join(', ')}.`)
  })
}

function parsePath(text: string): string {
  if (/^\/[^\0]*$/.test(text)) return text.replace(/(?<=.)\/+$/, '')
  throw new LifeboatError('input', 'is not an absolute path.', {
    hint: 'Write for example /usr/lib/postgresql/17/bin.',
  })
}
