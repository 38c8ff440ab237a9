import { createHash } from 'node:crypto'
import type { Artifact } from '../catalog/manifest.ts'
import { WrongAnswer } from '../storage/wrong-answer.ts'
import { condemns } from './second-reading.ts'

/** An object that was seen to have its recorded SHA-256. */
export interface Recorded extends Pick<Artifact, 'sha256'> {
  readonly key: string
}

/**
 * What `use` makes of the bytes of an object that is read once more. What it says of them holds only where they came as
 * recorded again: for that, what it left unread is read, too. Throws `WrongAnswer` where they did not.
 */
export async function useRecorded<T>(
  recorded: Recorded,
  stored: AsyncIterable<Uint8Array>,
  use: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  using tap = new Tap(recorded, stored)
  try {
    const value = await use(tap)
    await tap.assertRecorded()
    return value
  } catch (error) {
    if (condemns(error)) await tap.assertRecorded(error)
    throw error
  }
}

/** As `useRecorded`, for bytes that are passed on while they come. */
export async function* streamRecorded(
  recorded: Recorded,
  stored: AsyncIterable<Uint8Array>,
  use: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  using tap = new Tap(recorded, stored)
  try {
    yield* use(tap)
    await tap.assertRecorded()
  } catch (error) {
    if (condemns(error)) await tap.assertRecorded(error)
    throw error
  }
}

type Step = IteratorResult<Uint8Array, unknown>

/** Bytes that are hashed as they pass; what their reader leaves is still to be had. */
class Tap implements AsyncIterable<Uint8Array>, Disposable {
  readonly #recorded: Recorded
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #hash = createHash('sha256')
  /** One at a time: a reader may have gone in the middle of waiting. */
  #turn: Promise<Step> = Promise.resolve({ done: false, value: new Uint8Array() })

  constructor(recorded: Recorded, stored: AsyncIterable<Uint8Array>) {
    this.#recorded = recorded
    this.#iterator = stored[Symbol.asyncIterator]()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next(), return: () => Promise.resolve({ done: true, value: undefined }) }
  }

  /** Reads what is left, and throws `WrongAnswer` where all of it together was not what was recorded. */
  async assertRecorded(cause?: unknown): Promise<void> {
    while ((await this.#next()).done !== true);
    if (this.#hash.copy().digest('hex') === this.#recorded.sha256) return
    throw new WrongAnswer('store', `${this.#recorded.key} came with other bytes than when it was checked.`, {
      hint: 'The network, a proxy or the store changes what is read. Nothing was concluded about the backup: run this again.',
      ...(cause === undefined ? {} : { cause }),
    })
  }

  /** Lets go of the bytes; what a sender that is silent has to say then concerns nobody. */
  [Symbol.dispose](): void {
    void Promise.resolve(this.#iterator.return?.()).catch(() => undefined)
  }

  #next(): Promise<Step> {
    this.#turn = this.#turn.then(async (last) => {
      if (last.done === true) return last
      const step: Step = await this.#iterator.next()
      if (step.done !== true) this.#hash.update(step.value)
      return step
    })
    return this.#turn
  }
}
