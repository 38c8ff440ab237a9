import { createHash } from 'node:crypto'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { readTwice, type Reading } from './second-reading.ts'

/** Where one object is copied from and to; both keys are complete. */
export interface ObjectPair {
  readonly from: ObjectStore
  readonly fromKey: string
  readonly to: ObjectStore
  readonly toKey: string
}

export interface CopyOptions {
  /** As it should be; a copy of anything else is given up before it stands there. */
  readonly bytes: number
  /** Lower-case hexadecimal; undefined where nothing recorded it. */
  readonly sha256: string | undefined
  readonly signal: AbortSignal
  readonly log: Pick<Log, 'notice' | 'warning'>
  /** Bytes that were read since the last call. */
  readonly onRead?: (bytes: number) => void
  /** Bytes of this object that the other store has acknowledged so far. */
  readonly onStored?: (bytes: number) => void
}

/**
 * Carries one object from store to store through this process, hashing on the way: a copy that the stores make among
 * themselves proves nothing. Its last byte is not written before all of them were what was recorded. `there`: it stood
 * there already, with the same content. Throws `damaged` where the source's bytes are not those, `store-conflict` where
 * something else stands there; what looks so is read twice (`second-reading.ts`).
 */
export async function copyObject(pair: ObjectPair, options: CopyOptions): Promise<'copied' | 'there'> {
  const { to, toKey, fromKey } = pair
  const { bytes, signal, log } = options
  try {
    await readTwice({ key: fromKey, bytes, log }, ({ fresh }) =>
      to.write(toKey, () => checked(pair, { ...options, fresh }), {
        expectedBytes: bytes,
        signal,
        onProgress: options.onStored ?? (() => undefined),
      }),
    )
    return 'copied'
  } catch (error) {
    if (!(error instanceof LifeboatError && error.code === 'store-conflict')) throw error
    // Another run may have been faster: then what stands there is what we were about to write.
    await assertSame(pair, options)
    return 'there'
  }
}

/** Reads what stands in the other store; throws `store-conflict` where it is not the same as here. */
export async function assertSame(
  { from, fromKey, to, toKey }: ObjectPair,
  { bytes, sha256, signal, log }: Pick<CopyOptions, 'bytes' | 'sha256' | 'signal' | 'log'>,
): Promise<void> {
  const compare = async ({ fresh, saw }: Reading): Promise<void> => {
    const wanted = sha256 ?? (await digest(from, fromKey, { signal, fresh }))
    const found = await digest(to, toKey, { signal, fresh })
    saw(`${wanted} ${found}`)
    if (found !== wanted) throw clash(to, toKey)
  }
  const isClash = (error: LifeboatError): boolean => error.code === 'store-conflict'
  await readTwice({ key: toKey, bytes, log }, compare, isClash)
}

/** Something stands there that is not what stands here. */
export function clash(to: ObjectStore, key: string): LifeboatError {
  return new LifeboatError(
    'store-conflict',
    `${to.description}: ${key} has another content than the original.`,
    {
      hint:
        'Nothing was overwritten. Find out who writes to the replica; if its object is the wrong one, remove it there ' +
        'and run this again.',
    },
  )
}

/** The source's bytes; throws instead of ending where they are not what was recorded. */
async function* checked(
  { from, fromKey }: ObjectPair,
  { bytes, sha256, signal, onRead, fresh }: CopyOptions & { readonly fresh: boolean },
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256')
  let seen = 0
  for await (const chunk of from.read(fromKey, undefined, { fresh })) {
    signal.throwIfAborted()
    seen += chunk.length
    if (seen > bytes) throw changed(from, fromKey, `has more than the ${bytes} bytes that were recorded`)
    hash.update(chunk)
    onRead?.(chunk.length)
    yield chunk
  }
  if (seen !== bytes) throw changed(from, fromKey, `has ${seen} bytes; ${bytes} were recorded`)
  const found = hash.digest('hex')
  if (sha256 !== undefined && found !== sha256) {
    throw changed(from, fromKey, `has the SHA-256 ${found}; the manifest recorded ${sha256}`)
  }
}

/** The object here is not what its manifest says. */
export function changed(from: ObjectStore, key: string, what: string): LifeboatError {
  return new LifeboatError('damaged', `${from.description}: ${key} ${what}.`, {
    hint:
      'It was changed or cut in the first store, and is not taken over into the replica. Find out who writes there; ' +
      'an older backup, or a copy made before, may still be good.',
  })
}

async function digest(
  store: ObjectStore,
  key: string,
  { signal, fresh }: { readonly signal: AbortSignal; readonly fresh: boolean },
): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of store.read(key, undefined, { fresh })) {
    signal.throwIfAborted()
    hash.update(chunk)
  }
  return hash.digest('hex')
}
