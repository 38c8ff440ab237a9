import { compactTime } from '../catalog/names.ts'
import { manifestOf } from '../catalog/manifest.ts'
import type { RestoreContext, RestoreMaterial, RestoreOutcome, Restorer } from '../catalog/restorer.ts'
import { LifeboatError } from '../errors.ts'
import { inDatabase, type Connection } from './connection.ts'
import { createCopy, cutOver, cutOverNames, cutOverStatements, type CutOverNames } from './cut-over.ts'
import { fillDatabase } from './fill-database.ts'
import { identifier } from './identifier.ts'
import { prepareRestore, type PostgresRestorerOptions, type Prepared } from './prepare-restore.ts'
import { openSession } from './session.ts'
import { settleDatabase } from './settle-database.ts'

/** Brings a backup back into a database that somebody named, for real. */
export function postgresRestorer(options: PostgresRestorerOptions): Restorer {
  return {
    kind: 'postgres',
    async prepare(manifest, context) {
      const prepared = await prepareRestore(options, manifest, context)
      return { restore: (material, around) => restore(prepared, material, around) }
    },
  }
}

async function restore(
  prepared: Prepared,
  material: RestoreMaterial,
  context: RestoreContext,
): Promise<RestoreOutcome> {
  const { options } = prepared
  const { clock, signal } = context
  const { target } = options
  if (!options.clean) {
    try {
      const filled = await fillDatabase(prepared, target, material, context)
      const elsewhere = await otherDatabase(target, signal)
      await using outside = await openSession(inDatabase(target, elsewhere ?? target.database), signal)
      return (await settleDatabase(outside, filled, target.database, { isNew: false })).outcome
    } catch (error) {
      // Refused before anything was touched: nobody may be told to remove what is there.
      if (error instanceof LifeboatError && error.code === 'input') throw error
      const what = options.only.length === 0 ? 'make it anew' : 'remove what of them is there'
      context.log.warning(
        `"${target.database}" may hold a part of the backup: ${what} before you restore again.`,
      )
      throw error
    }
  }
  const names = cutOverNames(target.database, compactTime(clock.now()))
  const elsewhere = await otherDatabase(target, signal)
  if (elsewhere === undefined) {
    throw new LifeboatError(
      'privilege',
      'clean: there is no other database on the server to rename this one from.',
      {
        hint: 'CREATE DATABASE postgres, or let the role connect to it.',
      },
    )
  }
  await using outside = await openSession(inDatabase(target, elsewhere), signal)
  await createCopy(
    outside,
    names.copy,
    material.manifest ? manifestOf('postgres', material.manifest).server : prepared.found.server,
    prepared.found.server.major,
  )
  const copy = inDatabase(target, names.copy)
  const filled = await fillDatabase(prepared, copy, material, context).catch(async (error: unknown) => {
    // Half a copy is of no use to anybody, and a cancelled run has to clean up too.
    await dropCopy(target, names.copy, context.log)
    throw error
  })
  const { outcome, locksOut } = await settleDatabase(outside, filled, names.copy, { isNew: true })
  const reasons = [
    ...reasonsToStay(prepared, outcome),
    ...(locksOut ? ['its owner or its grants could not be set, so that people might be locked out'] : []),
  ]
  if (reasons.length > 0) return stayed(outcome, names, reasons)
  context.log.info(`Putting "${names.copy}" in the place of "${names.database}".`)
  await cutOver(outside, names)
  return { ...outcome, database: names.database, previous: names.previous }
}

async function dropCopy(target: Connection, copy: string, log: RestoreContext['log']): Promise<void> {
  try {
    await using session = await openSession(target, new AbortController().signal)
    await session.query(`DROP DATABASE ${identifier(copy)}`)
  } catch (error) {
    log.warning(
      `The unfinished copy "${copy}" is left on the server: ${String(error)} DROP DATABASE ${identifier(copy)};`,
    )
  }
}

/** Why a restored copy is not put in the place of a database that people work with. */
function reasonsToStay({ hindered }: Prepared, { failures, notValid, comparison }: RestoreOutcome): string[] {
  return [
    ...hindered,
    ...(failures.length > 0 ? [`${failures.length} of its objects could not be restored`] : []),
    ...(notValid.length > 0 ? [`${notValid.length} of its keys do not hold for its rows`] : []),
    ...(comparison.outcome === 'different' ? ['it is not what the snapshot held'] : []),
  ]
}

function stayed(outcome: RestoreOutcome, names: CutOverNames, reasons: readonly string[]): RestoreOutcome {
  const what = `"${names.database}" was not replaced`
  return {
    ...outcome,
    database: names.copy,
    failures: [...outcome.failures, { what, reason: reasons.join('; ') }],
    cutOver: cutOverStatements(names),
  }
}

/** A database to rename others from, and to say from what keeps everybody out; `postgres` where it is there. */
async function otherDatabase(target: Connection, signal: AbortSignal): Promise<string | undefined> {
  await using session = await openSession(target, signal)
  const [row] = await session.query(
    `SELECT datname FROM pg_catalog.pg_database
     WHERE datallowconn AND datname <> pg_catalog.current_database() AND datname NOT LIKE 'template%'
       AND pg_catalog.has_database_privilege(oid, 'CONNECT')
     ORDER BY datname <> 'postgres', datname LIMIT 1`,
  )
  return row?.datname ?? undefined
}
