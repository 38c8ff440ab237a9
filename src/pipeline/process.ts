import { spawn, type ChildProcess } from 'node:child_process'
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { LifeboatError } from '../errors.ts'
import { failureOf, type Exit } from './exit.ts'
import { activityOf, type Activity } from './process-activity.ts'
import { requireProgram } from './program.ts'
import type { ProcessStage } from './stage.ts'
import { trustedPath } from './trusted-path.ts'

/** What a child may know of our environment; all else (tokens, keys, `INPUT_*`) stays here. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TZ']

const COMPLAINT_BYTES = 8_192
const COMPLAINT_LINES = 20
/** From SIGTERM to SIGKILL. A runner that cancels kills us 10 s after its SIGINT: stay well below. */
const PATIENCE_MS = 2_000
/** How long after a process's end we listen on its stderr, which a grandchild may hold open for ever. */
const LAST_WORDS_MS = 1_000
const OUTPUT_LIMIT = 4 * 1024 * 1024

/**
 * The whole environment of a child: a few harmless variables of `ours`, English messages, and `extra`, which
 * wins. `LC_ALL` is `C`, because the output of `dd` and others is read by us.
 */
export function childEnvironment(
  extra: Readonly<Record<string, string>> = {},
  ours: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const environment: Record<string, string> = { LANG: 'C', LC_ALL: 'C' }
  for (const name of INHERITED) {
    // What a child starts itself comes from where what we start comes from.
    const value = name === 'PATH' && ours.PATH !== undefined ? trustedPath(ours) : ours[name]
    if (value !== undefined) environment[name] = value
  }
  return { ...environment, ...extra }
}

/** Where a process reads from: nothing, us, or the output of the process before it. */
export type ProcessInput = 'ignore' | 'pipe' | StreamingProcess

/** A started process. It is over when `exited` settles (it never rejects) or `stop` has been awaited. */
export class StreamingProcess implements AsyncDisposable {
  readonly label: string
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess
  readonly #complaint: () => string
  #exit: Exit | undefined
  #stopped = false

  constructor(label: string, child: ChildProcess) {
    this.label = label
    this.#child = child
    this.#complaint = keepLastLines(child.stderr)
    // A write to a process that is gone fails in the write's callback; the same error as an event says no more.
    child.stdin?.on('error', () => undefined)
    this.exited = this.#watch()
  }

  /** Undefined where the process could not be started; `exited` then says why. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  get exit(): Exit | undefined {
    return this.#exit
  }

  get stdin(): Writable | null {
    return this.#child.stdin
  }

  get stdout(): Readable {
    if (this.#child.stdout === null) throw new TypeError(`${this.label} has no stdout`)
    return this.#child.stdout
  }

  /** The last lines on stderr so far. */
  get complaint(): string {
    return this.#complaint()
  }

  /** What the process has done so far; undefined where that is not to be had, or when it has ended. */
  activity(): Activity | undefined {
    return this.pid === undefined || this.#exit !== undefined ? undefined : activityOf(this.pid)
  }

  signal(name: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#child.kill(name)
  }

  /** SIGTERM, then SIGKILL; resolves when the process is gone and its pipes are closed. */
  async stop(): Promise<void> {
    if (this.#exit === undefined) {
      this.#stopped = true
      this.#child.kill('SIGTERM')
      const kill = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS)
      await this.exited
      clearTimeout(kill)
    }
    this.#child.stdin?.destroy()
    this.#child.stdout?.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #watch(): Promise<Exit> {
    const end = await new Promise<Omit<Exit, 'label' | 'complaint'>>((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal, stopped: this.#stopped }))
      this.#child.on('error', (cannotStart) => {
        if (this.#child.pid === undefined) resolve({ code: null, signal: null, stopped: false, cannotStart })
      })
    })
    if (end.cannotStart === undefined) await closed(this.#child.stderr)
    this.#child.stderr?.destroy()
    this.#exit = { label: this.label, ...end, complaint: this.#complaint() }
    return this.#exit
  }
}

/**
 * Starts one process. Where `input` is another process, the two are joined by the operating system's own pipe
 * and our end of it is closed. Node begins to read a child's stdout on the next turn of its event loop, so a
 * chain has to be started in one synchronous go, or its first bytes end up here. Throws `platform`.
 */
export function startProcess(stage: ProcessStage, input: ProcessInput): StreamingProcess {
  const file = requireProgram(stage.command, stage.env)
  const stdin = input instanceof StreamingProcess ? input.stdout : input
  try {
    const child = spawn(file, [...stage.args], { env: { ...stage.env }, stdio: [stdin, 'pipe', 'pipe'] })
    return new StreamingProcess(stage.label, child)
  } catch (cause) {
    throw new LifeboatError('platform', `${stage.label} cannot be started (${file}).`, { cause })
  } finally {
    if (input instanceof StreamingProcess) input.stdout.destroy()
  }
}

export interface RunOptions {
  /** The whole environment: see `childEnvironment`. */
  readonly env: Readonly<Record<string, string>>
  /** What the command reads on stdin; nothing where absent. */
  readonly input?: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Runs a short command to its end and gives its stdout as text (4 MiB at most). Throws `process` when it fails
 * or takes too long, `platform` when it is missing, `cancelled` (or the signal's own `LifeboatError`).
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  if (options.signal.aborted) throw cancellation(options.signal, command)
  const label = basename(command)
  const stage: ProcessStage = { kind: 'process', label, command, args, env: options.env }
  await using child = startProcess(stage, options.input === undefined ? 'ignore' : 'pipe')
  let ended: LifeboatError | undefined
  const end = (error: LifeboatError): void => {
    ended ??= error
    void child.stop()
  }
  const late = new LifeboatError('process', `${label} did not end within ${options.timeoutMs / 1000} s.`)
  const timer = setTimeout(() => end(late), options.timeoutMs)
  const abort = (): void => end(cancellation(options.signal, command))
  options.signal.addEventListener('abort', abort)
  try {
    child.stdin?.end(options.input)
    const output: Buffer[] = []
    let size = 0
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= OUTPUT_LIMIT) output.push(chunk)
      else end(new LifeboatError('process', `${label} printed more than ${OUTPUT_LIMIT} bytes.`))
    })
    const exit = await child.exited
    await closed(child.stdout)
    if (ended !== undefined) throw ended
    if (exit.code !== 0) throw failureOf(exit)
    return Buffer.concat(output).toString('utf8')
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', abort)
  }
}

/** The error of a signal that was aborted: its own reason where that is meant for people. */
export function cancellation(signal: AbortSignal, what: string): LifeboatError {
  if (signal.reason instanceof LifeboatError) return signal.reason
  return new LifeboatError('cancelled', `Stopped while ${what} was running.`, { cause: signal.reason })
}

function keepLastLines(stream: Readable | null): () => string {
  let kept = Buffer.alloc(0)
  stream?.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk])
    if (kept.length > COMPLAINT_BYTES) kept = Buffer.from(kept.subarray(-COMPLAINT_BYTES))
  })
  return () => kept.toString('utf8').trim().split('\n').slice(-COMPLAINT_LINES).join('\n')
}

async function closed(stream: Readable | null): Promise<void> {
  if (stream === null || stream.closed) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LAST_WORDS_MS)
    stream.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
