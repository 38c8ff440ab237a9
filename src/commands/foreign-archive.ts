import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { decrypt } from '../pipeline/age/decrypt.ts'
import { decompress } from '../pipeline/compression.ts'
import { flow } from '../pipeline/flow.ts'
import type { Stage } from '../pipeline/stage.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { diskFailure } from './disk-failure.ts'
import { judged, type Opening } from './open-artifact.ts'

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

/** An archive as it stands in the store. */
export interface FoundForeign extends ForeignArchive {
  readonly key: string
  readonly bytes: number
}

/** What came out of it. */
export interface OpenedForeign {
  /** Of the object as stored, in lower-case hexadecimal digits. */
  readonly sha256: string
  readonly plainBytes: number
}

/** Looks whether it is there and a key at hand, before anything is fetched. Throws `store-missing`, `identity`. */
export async function findForeign(
  store: ObjectStore,
  key: string,
  identities: readonly string[],
): Promise<FoundForeign> {
  const object = await store.head(key)
  if (!object) {
    throw new LifeboatError('store-missing', `There is no ${key} in ${store.description}.`, {
      hint: 'key is the complete key, prefix included.',
    })
  }
  const found = { key, bytes: object.size, ...foreignArchive(key) }
  if (found.encrypted && identities.length === 0) {
    throw new LifeboatError('identity', `${key} is encrypted, and no identity is given.`, {
      hint: 'Give the secret key (AGE-SECRET-KEY-…) as age-identities, or as AGE_IDENTITY in the environment.',
    })
  }
  return found
}

/**
 * Fetches and opens an archive that a script made, into a file that nobody else can read. There is no manifest: that it
 * is whole shows only as far as age and the compression tell. Throws `store-missing`, `identity`, `damaged`, `process`, `platform`.
 */
export async function openForeign(
  store: ObjectStore,
  { key, encrypted, compression }: FoundForeign,
  { path, log }: { readonly path: string; readonly log: Log },
  { identities, signal, stallMs }: Opening,
): Promise<OpenedForeign> {
  const stages: Stage[] = [
    ...(encrypted ? [decrypt(identities)] : []),
    ...decompress({ format: compression }),
  ]
  const hash = createHash('sha256')
  let bytes = 0
  const stored = (async function* () {
    for await (const chunk of store.read(key)) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  })()
  const plain = judged(
    { file: key },
    flow({ kind: 'bytes', label: key, bytes: stored }, stages, { signal, stallMs }),
  )
  let plainBytes = 0
  await using file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of plain) {
      for (let done = 0; done < chunk.length;) {
        done += (await file.write(chunk, done, chunk.length - done)).bytesWritten
      }
      plainBytes += chunk.length
    }
  } catch (error) {
    throw diskFailure(error, path)
  }
  const sha256 = hash.digest('hex')
  log.info(
    `${key}: ${bytes} bytes, without a manifest: ${encrypted ? 'age, ' : ''}${compression}. Its SHA-256 is ${sha256}.`,
  )
  return { sha256, plainBytes }
}
