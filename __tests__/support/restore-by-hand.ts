import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Manifest } from '../../src/catalog/manifest.ts'
import type { PostgresServer } from './postgres-server.ts'
import { runProgram } from './run-program.ts'

/**
 * Executes the lines that a manifest prints, word for word, with `sh -e`, in a folder with the backup's objects and
 * `key.txt`, against a server that has never seen the database. Throws where a line fails.
 */
export async function restoreByHand(
  manifest: Manifest,
  {
    read,
    identity,
    server,
    path = process.env['PATH'] ?? '',
  }: {
    /** Gives the bytes of a file of the backup. */
    readonly read: (file: string) => Promise<Buffer>
    readonly identity: string
    readonly server: PostgresServer
    readonly path?: string
  },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-by-hand-'))
  try {
    for (const { file } of manifest.artifacts) await writeFile(join(folder, file), await read(file))
    await writeFile(join(folder, 'key.txt'), `${identity}\n`)
    await runProgram('sh', ['-e', '-c', manifest.recovery.join('\n')], {
      cwd: folder,
      env: { PATH: `${server.binDir}:${path}`, HOME: folder, ...server.environment() },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
