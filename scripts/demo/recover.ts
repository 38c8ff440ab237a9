import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PostgresServer } from '../../__tests__/support/postgres-server.ts'
import type { DemoBackup } from './back-up.ts'

/**
 * Does what the manifest says, word for word: its lines run with `sh -e` in a folder with the backup's objects and
 * `key.txt`, nothing but standard programs on PATH. Throws where a line fails.
 */
export async function recover(
  backup: DemoBackup,
  identityFile: string,
  server: PostgresServer,
  output: string,
): Promise<void> {
  const folder = join(output, 'recovered')
  await mkdir(folder)
  await cp(backup.folder, folder, { recursive: true })
  await copyFile(identityFile, join(folder, 'key.txt'))
  const script = `${backup.manifest.recovery.join('\n')}\n`
  await writeFile(join(output, 'recovery.sh'), script)
  console.log(script.replaceAll(/^/gm, '  $ ').replace(/ {2}\$ $/, ''))
  // -x would repeat them; what they print themselves is what a person would see.
  const child = spawn('sh', ['-e', join(output, 'recovery.sh')], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: `${server.binDir}:${process.env['PATH'] ?? ''}`, HOME: folder, ...server.environment() },
  })
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error('A recovery line failed: its reason stands above.')
}
