import { chmod, cp, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { PostgresMajor } from './postgres-majors.ts'

/**
 * A copy of this system's PostgreSQL that knows one extension more, `name` 1.0: what a backup has that a runner has not.
 * Gives the folder of its programs; the copy finds its own extensions, because it looks beside itself.
 */
export async function postgresWithExtension(
  name: string,
  { major, binDir }: PostgresMajor,
  folder: string,
): Promise<string> {
  const programs = join(folder, 'usr/lib/postgresql', String(major))
  const shared = join(folder, 'usr/share/postgresql', String(major))
  await cp(resolve(binDir, '..'), programs, { recursive: true })
  await cp(join(resolve(binDir, '../../../..'), 'share/postgresql', String(major)), shared, {
    recursive: true,
  })
  const extension = join(shared, 'extension', name)
  await writeFile(`${extension}.control`, "default_version = '1.0'\nrelocatable = true\n")
  await writeFile(
    `${extension}--1.0.sql`,
    `CREATE FUNCTION ${name}() RETURNS int LANGUAGE sql AS 'SELECT 1';\n`,
  )
  await chmod(folder, 0o755)
  return join(programs, 'bin')
}
