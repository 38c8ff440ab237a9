import type { RestoreContext, RestoreMaterial, RestoreOutcome } from '../catalog/restorer.ts'
import { manifestOf } from '../catalog/manifest.ts'
import { LifeboatError } from '../errors.ts'
import { markOffsets } from './archive-offsets.ts'
import { bringDatabaseSettings, bringRoles } from './bring-globals.ts'
import { chooseEntries, withoutForbidden } from './choose-entries.ts'
import { compareRestored, nothingToCompare } from './compare-restored.ts'
import { describeEntry } from './complaints.ts'
import type { Connection } from './connection.ts'
import { parseContents } from './contents.ts'
import { readGlobals } from './globals.ts'
import { parseGlobals, type GlobalStatement } from './globals-statements.ts'
import type { Prepared, PostgresRestorerOptions } from './prepare-restore.ts'
import { restoreInto, type RestoredInto } from './restore-into.ts'
import { restoreEnvironment } from './restore-environment.ts'
import { missingExtensions } from './restore-target.ts'
import { watchServer } from './server-watch.ts'
import { openSession, type Session } from './session.ts'
import { readArchive } from './table-of-contents.ts'
import { existingRelations, type TargetDatabase } from './target-database.ts'

export interface Filled {
  readonly outcome: RestoreOutcome
  /** The globals, for whoever is to set the database's own settings. */
  readonly statements: readonly GlobalStatement[]
}

/** Roles, structure, rows, keys, settings, statistics, comparison: into a database that is there. */
export async function fillDatabase(
  { options, found, tools, notes }: Prepared,
  into: Connection,
  material: RestoreMaterial,
  context: RestoreContext,
): Promise<Filled> {
  const { log, watch, signal } = context
  const { only, clean } = options
  await using session = await openSession(into, signal)
  const archive = await readArchive(material.archive)
  await markOffsets(material.archive, archive.layout)
  const expected = material.contents && parseContents(material.contents)
  const lacking = await missingExtensions(session, expected?.extensions ?? [])
  const allowed = withoutForbidden(archive.entries, {
    superuser: found.role.superuser,
    extensions: clean ? [] : found.extensions,
  })
  const chosen =
    only.length === 0 ? { entries: allowed.entries, skipped: [] } : chooseEntries(allowed.entries, only)
  const entries = only.length === 0 ? chosen.entries : await withoutExisting(session, chosen.entries)

  const statements = await globalsOf(options, material, signal)
  const roles = await bringRoles(session, only.length === 0 ? statements : [], { target: found, log })
  watch.lap('roles')
  await using environment = await restoreEnvironment(into, options.temporary)
  await using activity = await watchServer(into, { stallMs: options.stallMs, signal })
  const program = {
    tools,
    environment: environment.variables,
    folder: environment.folder,
    signal: activity.signal,
  }
  const { jobs } = options
  const restored = await restoreInto(session, entries, { archive: material.archive, program, jobs, log })
  watch.lap('restore')
  const isWhole = only.length === 0
  const refused = isWhole && !clean ? await bringDatabaseSettings(session, statements, into.database) : []
  await session.query('ANALYZE')
  watch.lap('analyze')
  const comparison =
    expected === undefined
      ? nothingToCompare()
      : await compareRestored(into, expected, {
          entries: isWhole ? archive.entries : entries,
          whole: isWhole,
          standby: material.manifest ? manifestOf('postgres', material.manifest).server.standby : false,
          sessions: jobs,
          signal,
        })
  watch.lap('compare')
  const outcome: RestoreOutcome = {
    database: into.database,
    previous: undefined,
    failures: restored.failures,
    notValid: restored.notValid,
    notes: [
      ...notes,
      ...(lacking.length > 0
        ? [`The server lacks extensions that the backup has: ${lacking.join(', ')}.`]
        : []),
      ...[...allowed.skipped, ...chosen.skipped].map(
        ({ entry, reason }) => `Left out: ${describeEntry(entry)}: ${reason}.`,
      ),
      ...aboutOwners(restored, found),
      ...[...roles.refused, ...refused].map(({ what, reason }) => `Not set: ${what} (${reason})`),
      ...(roles.needPassword.length > 0
        ? [
            `These roles log in and have no password yet: ${roles.needPassword.join(', ')}. ALTER ROLE … PASSWORD.`,
          ]
        : []),
    ],
    cutOver: [],
    comparison,
  }
  return { outcome, statements }
}

/** The backup's own, else, where a database is replaced, those of the one that is replaced. */
async function globalsOf(
  { clean, target }: PostgresRestorerOptions,
  { globals }: RestoreMaterial,
  signal: AbortSignal,
): Promise<GlobalStatement[]> {
  if (globals !== undefined) return parseGlobals(globals)
  if (!clean) return []
  await using session = await openSession(target, signal)
  const { statements } = await readGlobals(session, target.database)
  return parseGlobals(Buffer.from(`${statements.join('\n')}\n`)).filter(({ kind }) => kind === 'database')
}

/** `only` brings back what is missing: it writes over nothing. What else the entries need may be there already. */
async function withoutExisting<
  T extends { readonly kind: string; readonly schema: string; readonly name: string },
>(session: Session, entries: readonly T[]): Promise<T[]> {
  const relations = entries.filter(({ kind }) =>
    ['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'FOREIGN TABLE'].includes(kind),
  )
  const there = await existingRelations(session, relations)
  if (there.length > 0) {
    throw new LifeboatError('input', `only: these are there already: ${there.slice(0, 10).join(', ')}.`, {
      hint: 'Rename them (ALTER TABLE … RENAME TO …) or restore into another database: nothing is written over.',
    })
  }
  const schemas = await session.query('SELECT nspname FROM pg_catalog.pg_namespace')
  const known = new Set(schemas.map(({ nspname }) => nspname))
  return entries.filter(({ kind, name }) => kind !== 'SCHEMA' || !known.has(name))
}

function aboutOwners({ ownersLost, grantsLost }: RestoredInto, { role }: TargetDatabase): string[] {
  return [
    ...(ownersLost.length > 0
      ? [
          `${ownersLost.length} objects belong to ${role.name} now, because their owner is not there or may not be acted for: ${shown(ownersLost)}.`,
        ]
      : []),
    ...(grantsLost.length > 0
      ? [`${grantsLost.length} grants could not be made: ${shown(grantsLost)}.`]
      : []),
  ]
}

function shown(items: readonly string[]): string {
  return items.length <= 10
    ? items.join(', ')
    : `${items.slice(0, 10).join(', ')} and ${items.length - 10} more`
}
