import { LifeboatError } from '../errors.ts'
import { attempts } from './attempts.ts'
import { readDatabaseUrl } from './database-url.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'
import type { PostgresVerifyRequest, VerifyExtra } from './request.ts'
import { readMeasures, readRestoreBasics, type TARGETS } from './restore-basics.ts'
import { maskingWarnings } from './secrets.ts'
import { parseProgramFolder } from './values.ts'

const EXTRAS: readonly VerifyExtra[] = ['negative-control', 'amcheck']

/** Reads all that `restore-verify` needs, and what `drill` shares with it, which has `readers` of more targets; throws `input` with everything that is wrong. */
export function readRestoreVerify(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
  readers?: typeof TARGETS,
): PostgresVerifyRequest {
  const attempt = attempts(given, problems)
  const basics = readRestoreBasics(given, problems)
  if (basics?.key !== undefined) {
    problems.add(
      'key',
      'names an archive without a manifest, and a database that comes of it can be compared with nothing. Use command: restore.',
    )
  }
  const target = readDatabaseUrl(given, problems, 'target-database-url')
  const pgBinDir = attempt('pg-bin-dir', parseProgramFolder)
  const extras = attempt('extras', parseExtras) ?? []
  const isolation = attempt('isolation', parseIsolation) ?? 'own-user'
  const measures = readMeasures(given, problems, readers)
  const expectations = given.value('expectations')
  if (problems.any) throw problems.failure()
  if (!basics) throw new TypeError('an input is neither there nor wrong')
  const { store, prefix, choice, identities, remarks } = basics
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
    isolation,
    ...measures,
    secrets,
    notices: [...remarks.notices, ...(target?.notices ?? [])],
    warnings: [
      ...remarks.warnings,
      ...(target?.warnings ?? []),
      ...maskingWarnings(secrets, [prefix, choice.name ?? '']),
    ],
  }
}

function parseIsolation(text: string): PostgresVerifyRequest['isolation'] {
  if (text === 'own-user' || text === 'shared-user') return text
  throw new LifeboatError('input', `"${text}" is neither own-user nor shared-user.`)
}

function parseExtras(text: string): VerifyExtra[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  return words.map((word) => {
    const extra = EXTRAS.find((each) => each === word)
    if (extra) return extra
    throw new LifeboatError('input', `"${word}" is not one of ${EXTRAS.join(', ')}.`)
  })
}
