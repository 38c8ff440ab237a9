import { childEnvironment, run } from '../pipeline/process.ts'
import type { Block } from './archive-offsets.ts'

/** A smaller block is not worth a process. */
const LEAST_BYTES = 8 * 2 ** 20
/** File systems give whole pages back. */
const PAGE = 4_096
const PATIENCE_MS = 60_000

/**
 * Gives the space of rows back as soon as they are restored, so that the database grows into the room that its archive
 * leaves: with both in memory it even gets the same pages, still warm. Afterwards the archive is good for its table of
 * contents only. A file system that cannot do it keeps the space: no harm.
 */
export class ArchiveSpace implements AsyncDisposable {
  readonly #path: string
  readonly #blocks: ReadonlyMap<number, Block>
  readonly #given: Promise<unknown>[] = []

  constructor(path: string, blocks: ReadonlyMap<number, Block>) {
    this.#path = path
    this.#blocks = blocks
  }

  /** The entry with this id is restored: nobody reads its rows again. */
  restored(id: number): void {
    const block = this.#blocks.get(id)
    if (block === undefined || block.end - block.start < LEAST_BYTES) return
    const from = Math.ceil(block.start / PAGE) * PAGE
    const to = Math.floor(block.end / PAGE) * PAGE
    const args = ['--punch-hole', `--offset=${from}`, `--length=${to - from}`, '--', this.#path]
    const options = { env: childEnvironment(), timeoutMs: PATIENCE_MS, signal: new AbortController().signal }
    this.#given.push(run('fallocate', args, options).catch(() => undefined))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#given)
  }
}
