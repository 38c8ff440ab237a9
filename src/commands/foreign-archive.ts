import { open } from 'node:fs/promises'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { decrypt } from '../pipeline/age/decrypt.ts'
import { decompress } from '../pipeline/compression.ts'
import { flow } from '../pipeline/flow.ts'
import type { Stage } from '../pipeline/stage.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { diskFailure } from './disk-failure.ts'
import type { Opening } from './open-artifact.ts'

/** How an object was made, from its name: `app.dump.xz.age` was compressed, then encrypted. */
export interface ForeignArchive {
  readonly encrypted: boolean
  readonly compression: 'xz' | 'zstd' | 'none'
}

export function foreignArchive(key: string): ForeignArchive {
  const encrypted = /\.age$/i.test(key)
  const inner = key.replace(/\.age$/i, '')
  return {
    encrypted,
    compression: /\.xz$/i.test(inner) ? 'xz' : /\.zstd?$/i.test(inner) ? 'zstd' : 'none',
  }
}

/**
 * Fetches and opens an archive that a script made, into a file that nobody else can read. There is no manifest: that it
 * is whole shows only as far as age and the compression tell. Throws `store-missing`, `identity`, `damaged`, `process`, `platform`.
 */
export async function openForeign(
  store: ObjectStore,
  { key, path, log }: { readonly key: string; readonly path: string; readonly log: Log },
  { identities, signal, stallMs }: Opening,
): Promise<void> {
  const { encrypted, compression } = foreignArchive(key)
  const object = await store.head(key)
  if (!object) {
    throw new LifeboatError('store-missing', `There is no ${key} in ${store.description}.`, {
      hint: 'key is the complete key, prefix included.',
    })
  }
  if (encrypted && identities.length === 0) {
    throw new LifeboatError('identity', `${key} is encrypted, and no identity is given.`, {
      hint: 'Give the secret key (AGE-SECRET-KEY-…) as age-identities, or as AGE_IDENTITY in the environment.',
    })
  }
  log.info(`${key}: ${object.size} bytes, without a manifest: ${encrypted ? 'age, ' : ''}${compression}.`)
  const stages: Stage[] = [
    ...(encrypted ? [decrypt(identities)] : []),
    ...decompress({ format: compression }),
  ]
  const plain = flow({ kind: 'bytes', label: key, bytes: store.read(key) }, stages, { signal, stallMs })
  await using file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of plain) {
      for (let done = 0; done < chunk.length;) {
        done += (await file.write(chunk, done, chunk.length - done)).bytesWritten
      }
    }
  } catch (error) {
    throw diskFailure(error, path)
  }
}
