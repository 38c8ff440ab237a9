/**
 * One reason to give up, told to everybody who waits at that moment or later. A plain `Promise.race` against a
 * promise that lives as long as the flow would keep a reaction for each of its million chunks.
 */
export class Interruption {
  readonly #rejects = new Set<(reason: Error) => void>()
  #reason: Error | undefined

  /** Why; undefined as long as nothing happened. */
  get reason(): Error | undefined {
    return this.#reason
  }

  /** Only the first reason counts. */
  interrupt(reason: Error): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    for (const reject of this.#rejects) reject(reason)
    this.#rejects.clear()
  }

  /** Settles as `promise` does, or rejects with the reason, whichever comes first. */
  wait<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#reason !== undefined) reject(this.#reason)
      else this.#rejects.add(reject)
      promise.then(resolve, reject).finally(() => this.#rejects.delete(reject))
    })
  }
}
