import type { PrunableStore } from '../../src/storage/prunable-store.ts'
import { WrongAnswer } from '../../src/storage/wrong-answer.ts'

/** What a wire, or what stands on it, does to one object that is read. */
export type WireFault =
  'a flipped bit' | 'bytes that are missing' | 'bytes that come twice' | 'no answer of a store'

export interface SpoiltWire {
  readonly store: PrunableStore
  /** Readings of what matches, and whether each was over a fresh connection. */
  readonly readings: readonly boolean[]
}

/** `store` behind a wire that spoils the first `times` readings of objects whose key matches, each at another place. */
export function spoiltWire(
  store: PrunableStore,
  fault: WireFault,
  { match, times }: { readonly match: RegExp; readonly times: number },
): SpoiltWire {
  const readings: boolean[] = []
  const read: PrunableStore['read'] = async function* (key, range, how) {
    const isMeant = match.test(key)
    if (isMeant) readings.push(how?.fresh === true)
    if (!isMeant || readings.length > times) {
      yield* store.read(key, range, how)
      return
    }
    if (fault === 'no answer of a store') throw new WrongAnswer('store', 'a login page')
    const chunks: Uint8Array[] = []
    for await (const chunk of store.read(key, range, how)) chunks.push(chunk)
    yield spoilt(Buffer.concat(chunks), fault, readings.length)
  }
  return { store: withRead(store, read), readings }
}

function spoilt(bytes: Buffer, fault: WireFault, place: number): Buffer {
  const at = Math.floor((bytes.length * place) / (place + 1)) - 1
  switch (fault) {
    case 'bytes that are missing':
      return bytes.subarray(0, at)
    case 'bytes that come twice':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(0, 7), bytes.subarray(at + 7)])
    case 'no answer of a store':
    case 'a flipped bit': {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] ?? 0) ^ 1
      return copy
    }
  }
}

/** A class with private fields works as itself only. */
function withRead(store: PrunableStore, read: PrunableStore['read']): PrunableStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'read') return read
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
