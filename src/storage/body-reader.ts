import { Readable } from 'node:stream'

/**
 * Reads the body of a write such that it can be stopped at any time: a source may stay silent for ever, and then
 * neither a signal nor `return()` reaches it.
 */
export class BodyReader {
  readonly #body: AsyncIterable<Uint8Array>
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #signal: AbortSignal
  #waiting = false
  #ended = false

  constructor(body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    this.#body = body
    this.#iterator = body[Symbol.asyncIterator]()
    this.#signal = signal
  }

  /** The next bytes, at least one; undefined at the end. Throws what the body throws, or the signal's reason. */
  async next(): Promise<Uint8Array | undefined> {
    this.#signal.throwIfAborted()
    while (!this.#ended) {
      const result = await this.#pull()
      if (result.done === true) this.#ended = true
      else if (result.value.length > 0) return result.value
    }
    return undefined
  }

  /**
   * Lets go of the body. Waits for it to clean up, unless it is in the middle of waiting for a byte, which may
   * never come: then it cleans up when it notices.
   */
  async close(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    if (this.#body instanceof Readable) this.#body.destroy()
    const closing = Promise.resolve(this.#iterator.return?.())
    // Why it was stopped is what the caller is told; that it did not like to be stopped is not news.
    const closed = closing.then(
      () => undefined,
      () => undefined,
    )
    if (!this.#waiting) await closed
  }

  #pull(): Promise<IteratorResult<Uint8Array>> {
    this.#waiting = true
    return new Promise((resolve, reject) => {
      const interrupt = () => reject(this.#signal.reason as Error)
      this.#signal.addEventListener('abort', interrupt, { once: true })
      const settled = () => {
        this.#waiting = false
        this.#signal.removeEventListener('abort', interrupt)
      }
      const next = this.#iterator.next()
      next.then(settled, () => {
        settled()
        this.#ended = true
      })
      next.then(resolve, reject)
    })
  }
}
