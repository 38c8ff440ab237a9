import type { Readable, Writable } from 'node:stream'
import { LifeboatError } from '../errors.ts'
import { startChain } from './chain.ts'
import { failureOf, hasFailed, rootCause } from './exit.ts'
import { Interruption } from './interruption.ts'
import { cancellation, type StreamingProcess } from './process.ts'
import type { Link } from './segments.ts'
import type { BytesStage, ByteStream } from './stage.ts'
import { StallWatch } from './stall.ts'
import { youngGarbage } from './garbage.ts'

/**
 * When a process fails, how long its neighbours get to end by themselves, so that the root cause can be told
 * from its consequences.
 */
const CONSEQUENCES_MS = 500

/** What a write says when the process at the other end is gone; how the process ended tells more. */
const NOBODY_READS = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'])

/** Everything that one flow has running, and the one reason why it ends before its time. */
export class FlowRun {
  readonly label: string
  readonly #signal: AbortSignal
  readonly #interruption = new Interruption()
  readonly #stall: StallWatch
  readonly #processes: StreamingProcess[] = []
  readonly #pumps: Promise<void>[] = []
  readonly #abort = (): void => this.interrupt(cancellation(this.#signal, this.label))
  #failure: Promise<void> | undefined

  constructor(label: string, options: { readonly signal: AbortSignal; readonly stallMs: number }) {
    this.label = label
    this.#signal = options.signal
    const stalled = (error: LifeboatError): void => this.interrupt(error)
    this.#stall = new StallWatch(options.stallMs, () => this.#processes, stalled)
  }

  /** Why the flow ended before its time; undefined as long as it has not. */
  get reason(): Error | undefined {
    return this.#interruption.reason
  }

  /** Listens to the signal from now on; throws at once where it was aborted before. */
  begin(): void {
    if (this.#signal.aborted) throw cancellation(this.#signal, this.label)
    this.#signal.addEventListener('abort', this.#abort)
  }

  /** Ends every wait with `reason`, and the processes: at once, though nobody may be reading. */
  interrupt(reason: Error): void {
    if (this.#interruption.reason !== undefined) return
    this.#interruption.interrupt(reason)
    for (const process of this.#processes) void process.stop()
  }

  /** Resolves when nothing of this flow is left: no process, no pipe, no timer. */
  async stop(): Promise<void> {
    this.interrupt(new LifeboatError('cancelled', `${this.label} is over.`))
    this.#signal.removeEventListener('abort', this.#abort)
    this.#stall[Symbol.dispose]()
    await Promise.all([...this.#processes.map((process) => process.stop()), ...this.#pumps])
  }

  /** Bytes that come from inside node. */
  async *bytes({ label, bytes }: BytesStage): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = Symbol.asyncIterator in bytes ? bytes[Symbol.asyncIterator]() : bytes[Symbol.iterator]()
    let ended = false
    try {
      for (;;) {
        const step = await this.#waitFor(label, Promise.resolve(iterator.next()))
        ended = step.done === true
        if (step.done === true) return
        yield step.value
      }
    } finally {
      if (!ended) await this.#giveUp(iterator)
    }
  }

  /** What comes out of a chain of processes, to whose first we pump `input`. */
  async *chain(
    links: readonly [Link, ...Link[]],
    input: ByteStream | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const chain = startChain(links, input === undefined ? 'ignore' : 'pipe', (process) =>
      this.#watch(process),
    )
    let pump = Promise.resolve()
    if (input !== undefined && chain.first.stdin !== null) {
      pump = this.#pump(input, chain.first, chain.first.stdin)
      this.#pumps.push(pump)
    }
    if (chain.last.pid !== undefined) yield* this.#read(chain.label, chain.last.stdout)
    await this.#waitFor(chain.label, Promise.all(chain.processes.map(({ exited }) => exited)))
    if (this.#failure !== undefined) await this.#interruption.wait(this.#failure)
    await this.#waitFor(chain.label, pump)
    if (this.reason !== undefined) throw this.reason
    chain.reportCounts()
  }

  async *#read(label: string, stdout: Readable): AsyncGenerator<Uint8Array, void, undefined> {
    const chunks = stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
    const cameIn = youngGarbage()
    for (;;) {
      const step = await this.#waitFor(label, chunks.next())
      if (step.done === true) return
      yield step.value
      cameIn(step.value.length)
    }
  }

  /** Never rejects: its errors interrupt the flow. */
  async #pump(input: ByteStream, process: StreamingProcess, stdin: Writable): Promise<void> {
    try {
      for await (const chunk of input) {
        await this.#interruption.wait(written(stdin, chunk))
        this.#stall.sawMovement()
      }
      await this.#interruption.wait(closedOff(stdin))
    } catch (error) {
      if (!isNobodyReads(error)) {
        this.interrupt(error as Error)
        return
      }
      const exit = await process.exited
      if (hasFailed(exit)) return
      this.interrupt(
        new LifeboatError('process', `${process.label} stopped reading before the end of what it was given.`),
      )
    }
  }

  #watch(process: StreamingProcess): void {
    this.#processes.push(process)
    void process.exited.then((exit) => {
      if (hasFailed(exit)) this.#failure ??= this.#blame()
    })
  }

  async #blame(): Promise<void> {
    await withinTime(CONSEQUENCES_MS, Promise.all(this.#processes.map(({ exited }) => exited)))
    const cause = rootCause(this.#processes.flatMap(({ exit }) => exit ?? []))
    if (cause !== undefined) this.interrupt(failureOf(cause))
  }

  #waitFor<T>(label: string, promise: Promise<T>): Promise<T> {
    return this.#interruption.wait(this.#stall.waitFor(label, promise))
  }

  async #giveUp(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
    const returned = Promise.resolve(iterator.return?.())
    // After an interruption the iterator may be stuck in the very wait that was given up: then nobody waits for
    // it, and what it still has to say concerns nobody.
    if (this.reason === undefined) await returned
    else returned.catch(() => undefined)
  }
}

function written(stdin: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stdin.write(chunk, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

/** Who knows where its input ends, as pg_restore does, may be gone by then: a stream that is destroyed never calls back. */
function closedOff(stdin: Writable): Promise<void> {
  if (stdin.destroyed) return Promise.resolve()
  return new Promise((resolve, reject) => {
    stdin.once('error', reject)
    stdin.end(resolve)
  })
}

function isNobodyReads(error: unknown): boolean {
  return NOBODY_READS.has((error as NodeJS.ErrnoException | undefined)?.code ?? '')
}

async function withinTime(milliseconds: number, work: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    work.then(() => resolve(), reject).finally(() => clearTimeout(timer))
  })
}
