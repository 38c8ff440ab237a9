import { startRadosgw, type Radosgw } from '../../__tests__/support/radosgw.ts'
import type { Place } from './place.ts'

/** The test server keeps its objects in 4 GiB of memory and gives none back within hours of their removal. */
const CAPACITY = 3.6e9

/** An S3 server that has room: an emptied one is replaced by a new one when it would be full. */
export class StoreSupply implements AsyncDisposable {
  readonly #place: Omit<Place, 'store'>
  #store: Radosgw | undefined
  #written = 0

  constructor(place: Omit<Place, 'store'>) {
    this.#place = place
  }

  /** Where an object of at most `bytes` bytes can be written. */
  async placeFor(bytes: number): Promise<Place> {
    if (bytes > CAPACITY) throw new RangeError(`an object of ${bytes} bytes is more than the store holds`)
    if (this.#written + bytes > CAPACITY) await this[Symbol.asyncDispose]()
    this.#store ??= await startRadosgw({ bucket: 'bench' })
    this.#written += bytes
    return { ...this.#place, store: this.#store }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const store = this.#store
    this.#store = undefined
    this.#written = 0
    await store?.[Symbol.asyncDispose]()
  }
}
