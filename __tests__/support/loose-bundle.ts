import { chmod, copyFile, cp, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { node24 } from './node24.ts'

/** The bundle as somebody has it who unpacked `dist/` somewhere: without a checkout and without packages. */
export interface LooseBundle extends AsyncDisposable {
  readonly folder: string
  readonly entry: string
  /** Node 24 in a place that everybody may reach. */
  readonly node: string
}

export async function looseBundle(): Promise<LooseBundle> {
  const folder = await mkdtemp('/tmp/lifeboat-loose-')
  await chmod(folder, 0o755)
  await cp(resolve(import.meta.dirname, '../../dist'), join(folder, 'dist'), { recursive: true })
  const node = join(folder, 'node')
  await copyFile(node24(), node)
  await chmod(node, 0o755)
  return {
    folder,
    entry: join(folder, 'dist', 'index.js'),
    node,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
