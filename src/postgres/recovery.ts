import type { Artifact } from '../catalog/manifest.ts'
import type { Server } from './server.ts'

/**
 * The shell lines that restore a backup on a fresh server with nothing of ours: what a person copies at three in the
 * morning. They run in the folder that holds the backup's objects and `key.txt` (an age identity); PGHOST, PGPORT,
 * PGUSER and PGPASSWORD name a superuser of the new server.
 */
export function recoveryLines(backup: {
  readonly database: string
  readonly server: Server
  readonly artifacts: readonly Artifact[]
  readonly extensions: readonly string[]
}): string[] {
  const { database, server, artifacts, extensions } = backup
  const dump = artifacts.find(({ role }) => role === 'dump')
  const globals = artifacts.find(({ role }) => role === 'globals')
  if (!dump) return []
  const bundled = extensions.filter((name) => name !== 'plpgsql')
  return [
    `# A PostgreSQL ${server.major} server${bundled.length > 0 ? ` with the extensions ${bundled.join(', ')}` : ''}; this folder holds the backup's objects and key.txt.`,
    `createdb ${createOptions(server).map(quote).join(' ')} -- ${quote(database)}`,
    ...(globals
      ? [
          '# Roles (without their passwords), and the settings and grants of the database:',
          ...rolesLines(globals),
        ]
      : []),
    '# Tables, rows, everything else. No setting of the database must stop it, or change what a value means:',
    `${plain(dump)} | PGOPTIONS='-c default_transaction_read_only=off -c lc_monetary=C -c array_nulls=on' pg_restore --no-subscriptions -d ${quote(target(database))}`,
    '# Statistics for the planner; without them the first queries are slow:',
    `psql -X -q -d ${quote(target(database))} -c 'SET default_transaction_read_only = off' -c ANALYZE`,
  ]
}

/** template0: everything else may hold what the dump brings too. */
function createOptions(server: Server): string[] {
  const { localeProvider, locale } = server
  return [
    '--maintenance-db=postgres',
    '--template=template0',
    `--encoding=${server.encoding}`,
    `--lc-collate=${server.collate}`,
    `--lc-ctype=${server.ctype}`,
    ...(localeProvider === 'icu' ? ['--locale-provider=icu', `--icu-locale=${locale ?? 'und'}`] : []),
    ...(localeProvider === 'builtin'
      ? ['--locale-provider=builtin', `--builtin-locale=${locale ?? 'C.UTF-8'}`]
      : []),
  ]
}

/** Decrypts and decompresses one artifact to standard output. */
function plain({ file, compression, recipients }: Artifact): string {
  const program = compression.startsWith('xz')
    ? 'xz -dc'
    : compression.startsWith('zstd')
      ? 'zstd -dc'
      : undefined
  if (recipients.length === 0) return `${program ?? 'cat'} ${quote(file)}`
  return [`age -d -i key.txt ${quote(file)}`, ...(program === undefined ? [] : [program])].join(' | ')
}

/** By way of a file: in a pipe, psql would take what a wrong key leaves of it for an empty script, and be content. */
function rolesLines(globals: Artifact): string[] {
  const opened = globals.file.replace(/\.age$/, '')
  const decrypt =
    globals.recipients.length > 0 ? [`age -d -i key.txt -o ${quote(opened)} ${quote(globals.file)}`] : []
  return [
    ...decrypt,
    `${plain({ ...globals, file: opened, recipients: [] })} | psql -X -q -v ON_ERROR_STOP=1 -d postgres`,
  ]
}

/** libpq takes a name with `=` in it, or one that begins like a URI, for a whole connection string. */
function target(database: string): string {
  if (!/[=']|^postgres(ql)?:/.test(database)) return database
  return `dbname='${database.replace(/['\\]/g, '\\$&')}'`
}

function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
