import type { Artifact } from '../catalog/manifest.ts'
import type { PostgresFacts } from '../catalog/postgres-facts.ts'
import type { Captured } from '../catalog/source.ts'
import type { ClientTools } from './client-tools.ts'
import type { Contents } from './contents.ts'
import type { Globals } from './globals.ts'
import { recoveryLines } from './recovery.ts'
import type { Server } from './server.ts'
import type { Snapshot } from './snapshot.ts'

/** How many tables the summary names. */
const LARGEST = 10

/** What was captured, in the manifest's words: totals, and tables by OID only. */
export function sourceFacts(backup: {
  readonly database: string
  readonly server: Server
  readonly tools: ClientTools
  readonly snapshot: Pick<Snapshot, 'time' | 'wal'>
  readonly contents: Contents
  readonly artifacts: readonly Artifact[]
  readonly globals: Globals
  readonly seconds: Readonly<Record<string, number>>
}): PostgresFacts {
  const { database, server, tools, snapshot, contents, artifacts } = backup
  const {
    version,
    versionNumber,
    systemIdentifier,
    standby,
    encoding,
    collate,
    ctype,
    localeProvider,
    locale,
  } = server
  return {
    source: 'postgres',
    artifacts: [...artifacts],
    snapshot: { time: snapshot.time.toISOString(), wal: snapshot.wal },
    server: {
      version,
      versionNumber,
      systemIdentifier,
      standby,
      encoding,
      collate,
      ctype,
      localeProvider,
      locale,
    },
    tools: { pg_dump: tools.version },
    contents: {
      fingerprint: contents.fingerprint,
      databaseBytes: server.databaseBytes,
      tables: contents.tables.length,
      rows: totalRows(contents),
      largeObjects: contents.largeObjects.objects,
      perTable: contents.tables.map(({ oid, rows, bytes }) => ({ oid, rows, bytes })),
    },
    notes: notes(contents, backup.globals),
    seconds: { ...backup.seconds },
    recovery: recoveryLines({
      database,
      server,
      artifacts,
      extensions: contents.extensions.map(({ name }) => name),
    }),
  }
}

export function largestTables({ tables }: Contents): Captured['largest'] {
  return tables
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, LARGEST)
    .map(({ schema, name, rows, bytes }) => ({ name: `${schema}.${name}`, rows, bytes }))
}

function totalRows({ fingerprint, tables }: Contents): number | null {
  return fingerprint === 'none' ? null : tables.reduce((sum, { rows }) => sum + (rows ?? 0), 0)
}

function notes({ objects }: Contents, { logins, left, refused }: Globals): string[] {
  const countOf = (label: string): number =>
    objects.filter((entry) => entry.class === label).reduce((sum, { count }) => sum + count, 0)
  const [foreignTables, views] = [countOf('foreign table'), countOf('materialized view')]
  return [
    refused === undefined ? '' : `Roles and settings could not be read and are not in the backup: ${refused}`,
    foreignTables > 0
      ? `The rows of ${foreignTables} foreign tables live elsewhere and are not in the dump.`
      : '',
    views > 0
      ? `The contents of ${views} materialized views are not in the dump: a restore computes them anew.`
      : '',
    logins.length > 0
      ? `No passwords are in the backup: ${logins.length} roles that log in need theirs again on a new server.`
      : '',
    ...left,
  ].filter((note) => note !== '')
}
