import { LifeboatError } from '../errors.ts'
import { FlowRun } from './flow-run.ts'
import { requireProgram } from './program.ts'
import { segmentsOf, type Segment } from './segments.ts'
import type { ByteStream, Head, Stage } from './stage.ts'

export interface FlowOptions {
  readonly signal: AbortSignal
  /** Milliseconds without any sign of life, while somebody waits for bytes, after which the flow fails. */
  readonly stallMs: number
}

/**
 * Joins `head` and `stages` into one stream of bytes. Nothing starts before the first byte is asked for; the
 * stream can be read once.
 *
 * It ends only after every process has exited with 0: a killed pg_dump closes its output as if all were well.
 * Else it throws, once every process is gone: `process` (with the root cause's label, exit code or signal, and
 * last lines on stderr), `platform` (a missing program), `stall`, `cancelled` (or the `LifeboatError` that
 * `signal` was aborted with), or what a stage inside node threw. Who stops reading early ends the processes too.
 */
export function flow(head: Head, stages: readonly Stage[], options: FlowOptions): ByteStream {
  let begun = false
  return {
    [Symbol.asyncIterator]() {
      if (begun) throw new TypeError('a flow can be read only once')
      begun = true
      const segments = segmentsOf(head, stages)
      const run = new FlowRun([head, ...stages].map(({ label }) => label).join(' | '), options)
      const bytes = carry(run, segments)
      return {
        next: () => bytes.next(),
        return: async () => {
          // Also ends a `next` that still waits, behind which the generator's own `return` would queue.
          run.interrupt(new LifeboatError('cancelled', `Nobody reads ${run.label} any more.`))
          await bytes.return(undefined)
          await run.stop()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

async function* carry(
  run: FlowRun,
  segments: readonly Segment[],
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    run.begin()
    requirePrograms(segments)
    yield* (
      segments.reduce<AsyncIterable<Uint8Array> | undefined>((input, segment) => {
        switch (segment.kind) {
          case 'bytes':
            return run.bytes(segment)
          case 'transform':
            return segment.transform(input ?? nothing())
          case 'chain':
            return run.chain(segment.links, input)
        }
      }, undefined) ?? nothing()
    )
  } catch (error) {
    throw run.reason ?? error
  } finally {
    await run.stop()
  }
}

/** Before anything is started: a missing last program need not cost a minute of the first. */
function requirePrograms(segments: readonly Segment[]): void {
  for (const segment of segments) {
    if (segment.kind !== 'chain') continue
    for (const { process } of segment.links) requireProgram(process.command, process.env)
  }
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {
  // The head of a flow is bytes or a process: nothing comes before it.
}
