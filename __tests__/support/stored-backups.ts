import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  manifestOf,
  parseManifest,
  renderManifest,
  type PostgresManifest,
} from '../../src/catalog/manifest.ts'
import { runAction, type ActionOptions, type ActionResult } from './action-runner.ts'
import type { KeyPair } from './backup-step.ts'

/** One backup in a directory store, to be looked at and damaged. */
export interface StoredBackup {
  readonly id: string
  readonly folder: string
  readonly manifest: PostgresManifest
}

/** A directory as a bucket, with backups that tests copy, damage and join. */
export class StoredBackups {
  readonly #directory: string
  readonly #keys: KeyPair
  #copies = 0

  constructor(directory: string, keys: KeyPair) {
    this.#directory = directory
    this.#keys = keys
  }

  async backUp(url: string, inputs: Readonly<Record<string, string>> = {}): Promise<StoredBackup> {
    const result = await runAction({
      inputs: {
        command: 'backup',
        bucket: `file://${this.#directory}`,
        compression: 'zstd:1',
        name: 'shop',
        ...inputs,
      },
      env: { DATABASE_URL: url, AGE_RECIPIENT: this.#keys.recipient },
    })
    if (result.exitCode !== 0) throw new Error(result.log)
    return this.#read(join(this.#directory, result.outputs['manifest-key'] ?? '', '..'))
  }

  /** A copy with an id of its own. */
  async copy(of: StoredBackup): Promise<StoredBackup> {
    this.#copies += 1
    const id = of.id.slice(0, -6) + this.#copies.toString(16).padStart(6, '0')
    const folder = join(of.folder, '..', id)
    await cp(of.folder, folder, { recursive: true })
    for (const file of await readdir(folder)) if (file.startsWith('verified-')) await rm(join(folder, file))
    await this.rewrite({ ...of, id, folder }, { id })
    return this.#read(folder)
  }

  /** A copy of `of` with the dump of `other`, as if that were what had been dumped. */
  async graft(of: StoredBackup, other: StoredBackup): Promise<StoredBackup> {
    const copy = await this.copy(of)
    const [mine, theirs] = [dumpOf(copy), dumpOf(other)]
    await cp(join(other.folder, theirs.file), join(copy.folder, mine.file))
    const artifacts = copy.manifest.artifacts.map((each) =>
      each.role === 'dump' ? { ...theirs, file: mine.file } : each,
    )
    await this.rewrite(copy, { artifacts })
    return this.#read(copy.folder)
  }

  async rewrite({ folder, manifest }: StoredBackup, change: Partial<PostgresManifest>): Promise<void> {
    await writeFile(join(folder, 'manifest.json'), renderManifest({ ...manifest, ...change }))
  }

  /** Changes the stored dump; with `sealed` the manifest believes that it was always so. */
  async damageDump(
    backup: StoredBackup,
    change: (bytes: Buffer) => Buffer,
    { sealed }: { readonly sealed: boolean } = { sealed: false },
  ): Promise<void> {
    const dump = dumpOf(backup)
    const path = join(backup.folder, dump.file)
    const bytes = change(await readFile(path))
    await writeFile(path, bytes)
    if (!sealed) return
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const artifacts = backup.manifest.artifacts.map((each) =>
      each.role === 'dump' ? { ...each, bytes: bytes.length, sha256 } : each,
    )
    await this.rewrite(backup, { artifacts })
  }

  step(
    backup: Pick<StoredBackup, 'id'>,
    inputs: Readonly<Record<string, string>> = {},
    { identity = this.#keys.identity }: { identity?: string } = {},
  ): ActionOptions {
    return {
      inputs: {
        command: 'restore-verify',
        bucket: `file://${this.#directory}`,
        'backup-id': backup.id,
        ...inputs,
      },
      env: { AGE_IDENTITY: identity },
    }
  }

  verify(...step: Parameters<StoredBackups['step']>): Promise<ActionResult> {
    return runAction(this.step(...step))
  }

  /** The records of a backup: the verdicts in their names. */
  async records({ folder }: Pick<StoredBackup, 'folder'>): Promise<string[]> {
    const files = await readdir(folder)
    return files.flatMap((file) => /^verified-\d{8}T\d{6}Z-(\w+)\.json$/.exec(file)?.[1] ?? [])
  }

  async #read(folder: string): Promise<StoredBackup> {
    const manifest = manifestOf(
      'postgres',
      parseManifest(await readFile(join(folder, 'manifest.json')), folder),
    )
    return { id: manifest.id, folder, manifest }
  }
}

export function dumpOf({ manifest }: Pick<StoredBackup, 'manifest'>): PostgresManifest['artifacts'][number] {
  const dump = manifest.artifacts.find(({ role }) => role === 'dump')
  if (!dump) throw new Error('a backup without a dump')
  return dump
}

export async function emptyStore(parent: string): Promise<string> {
  const directory = join(parent, 'store')
  await mkdir(directory)
  return directory
}
