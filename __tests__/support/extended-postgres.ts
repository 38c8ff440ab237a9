import { chmod, cp, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { PostgresMajor } from './postgres-majors.ts'

/**
 * A copy of this system's PostgreSQL that knows one extension more, `name` 1.0: what a backup has that a runner has not.
 * Gives the folder of its programs; the copy finds its own extensions, because it looks beside itself.
 */
export async function postgresWithExtension(
  name: string,
  { major, binDir }: PostgresMajor,
  folder: string,
  script = `CREATE FUNCTION ${name}() RETURNS int LANGUAGE sql AS 'SELECT 1';\n`,
): Promise<string> {
  const programs = join(folder, 'usr/lib/postgresql', String(major))
  const shared = join(folder, 'usr/share/postgresql', String(major))
  await cp(resolve(binDir, '..'), programs, { recursive: true })
  await cp(join(resolve(binDir, '../../../..'), 'share/postgresql', String(major)), shared, {
    recursive: true,
  })
  await writeFile(join(shared, 'extension', `${name}.control`), "default_version = '1.0'\n")
  await writeExtension(join(programs, 'bin'), name, script)
  await chmod(folder, 0o755)
  return join(programs, 'bin')
}

/** Gives the extension of such a copy another script, for the next time that it is created. */
export function writeExtension(binDir: string, name: string, script: string): Promise<void> {
  const major = basename(resolve(binDir, '..'))
  const folder = resolve(binDir, '../../../../share/postgresql', major, 'extension')
  return writeFile(join(folder, `${name}--1.0.sql`), script)
}
