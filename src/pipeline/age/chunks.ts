/** A queue of bytes that copies none of them. */
export class Chunks {
  #pieces: Uint8Array[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.#bytes += piece.length
  }

  /** Removes the first `bytes` bytes, in as many pieces as they came in. */
  take(bytes: number): Uint8Array[] {
    if (bytes > this.#bytes) throw new RangeError(`${bytes} bytes of ${this.#bytes}`)
    const taken: Uint8Array[] = []
    let missing = bytes
    let whole = 0
    for (const piece of this.#pieces) {
      if (piece.length > missing) break
      taken.push(piece)
      missing -= piece.length
      whole += 1
    }
    this.#pieces = this.#pieces.slice(whole)
    const [next] = this.#pieces
    if (missing > 0 && next !== undefined) {
      taken.push(next.subarray(0, missing))
      this.#pieces[0] = next.subarray(missing)
    }
    this.#bytes -= bytes
    return taken
  }
}
