import { LifeboatError } from '../errors.ts'
import type { ObjectStore } from '../storage/object-store.ts'

/** The first `most` bytes of an object, or all of it where it has fewer; undefined where there is none. */
export async function readBeginning(
  store: Pick<ObjectStore, 'read'>,
  key: string,
  most: number,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of store.read(key, { start: 0, end: most })) chunks.push(chunk)
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'store-missing') return undefined
    throw error
  }
  return Buffer.concat(chunks)
}
