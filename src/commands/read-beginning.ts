import { LifeboatError } from '../errors.ts'
import { readWhole } from '../pipeline/read-whole.ts'
import type { ObjectStore } from '../storage/object-store.ts'

/** The first `most` bytes of an object, or all of it where it has fewer; undefined where there is none. */
export async function readBeginning(
  store: Pick<ObjectStore, 'read'>,
  key: string,
  most: number,
  how: { readonly fresh?: boolean } = {},
): Promise<Buffer | undefined> {
  try {
    return await readWhole(store.read(key, { start: 0, end: most }, how), { what: key, most })
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'store-missing') return undefined
    throw error
  }
}
