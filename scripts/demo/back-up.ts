import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runAction } from '../../__tests__/support/action-runner.ts'
import type { Manifest } from '../../src/catalog/manifest.ts'
import { parseManifest } from '../../src/catalog/manifest.ts'
import { runnerView } from './runner-view.ts'

export interface DemoBackup {
  readonly manifest: Manifest
  readonly manifestKey: string
  readonly dumpFile: string
  /** The folder that holds the backup's objects. */
  readonly folder: string
}

/** Runs the bundle with `command: backup` into `<output>/bucket`, its log on the terminal. Throws where it fails. */
export async function backUp(databaseUrl: string, recipient: string, output: string): Promise<DemoBackup> {
  const bucket = join(output, 'bucket')
  const view = runnerView((line) => console.log(line))
  const result = await runAction({
    inputs: {
      command: 'backup',
      bucket: pathToFileURL(bucket).href,
      'database-url': databaseUrl,
      'age-recipients': recipient,
    },
    onLog: (text) => view.write(text),
  })
  view.end()
  await writeFile(join(output, 'summary.md'), result.summary)
  if (result.exitCode !== 0)
    throw new Error(`The backup ended with ${result.signal ?? result.exitCode ?? '?'}.`)
  const manifestKey = result.outputs['manifest-key'] ?? ''
  const path = join(bucket, manifestKey)
  const manifest = parseManifest(await readFile(path), manifestKey)
  const dump = manifest.artifacts.find(({ role }) => role === 'dump')
  return { manifest, manifestKey, dumpFile: dump?.file ?? '', folder: join(path, '..') }
}
