import type { RestoreContext, RestoreMaterial, RestoreOutcome } from '../catalog/restorer.ts'
import { manifestOf } from '../catalog/manifest.ts'
import { analyzeOnly } from './analyze.ts'
import { markOffsets } from './archive-offsets.ts'
import { bringRoles } from './bring-globals.ts'
import { besideExisting } from './beside-existing.ts'
import { chooseEntries, withoutForbidden } from './choose-entries.ts'
import { compareRestored, nothingToCompare } from './compare-restored.ts'
import { describeEntry } from './complaints.ts'
import type { Connection } from './connection.ts'
import { parseContents, type Contents } from './contents.ts'
import { existingObjects } from './existing-objects.ts'
import { readGlobals } from './globals.ts'
import { parseGlobals, type GlobalStatement } from './globals-statements.ts'
import type { Prepared, PostgresRestorerOptions } from './prepare-restore.ts'
import { restoreInto, type RestoredInto } from './restore-into.ts'
import { restoreEnvironment } from './restore-environment.ts'
import { missingExtensions } from './restore-target.ts'
import { watchServer } from './server-watch.ts'
import { openSession } from './session.ts'
import { readArchive } from './table-of-contents.ts'
import type { TargetDatabase } from './target-database.ts'

export interface Filled {
  readonly outcome: RestoreOutcome
  /** What is to be set at the database itself, in the end. */
  readonly statements: readonly GlobalStatement[]
  /** The fingerprint, where everything of it was restored. */
  readonly expected: Contents | undefined
}

/** Roles, structure, rows, keys, statistics, comparison: into a database that is there. */
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
  // Before anything is touched.
  const chosen =
    only.length === 0
      ? { entries: allowed.entries, skipped: [] }
      : besideExisting(chooseEntries(allowed.entries, only), await existingObjects(session), into.database)
  const { entries } = chosen
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
  await (isWhole ? session.query('ANALYZE') : analyzeOnly(session, entries))
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
      ...roles.refused.map(({ what, reason }) => `Not set: ${what} (${reason})`),
      ...(roles.needPassword.length > 0
        ? [
            `These roles log in and have no password yet: ${roles.needPassword.join(', ')}. ALTER ROLE … PASSWORD.`,
          ]
        : []),
    ],
    cutOver: [],
    comparison,
  }
  return { outcome, statements: isWhole ? statements : [], expected: isWhole ? expected : undefined }
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
