import { childEnvironment, type StreamingProcess } from './process.ts'
import type { CountStage, ProcessStage, TransformStage } from './stage.ts'

const REPORT_EVERY_MS = 400

/** Counts in a process of its own, so that the bytes between two programs need not pass through node. */
export function countWithDd(stage: CountStage): ProcessStage {
  // Written out, because not every dd knows the suffix K.
  const args = ['bs=131072']
  return { kind: 'process', label: `dd (${stage.label})`, command: 'dd', args, env: childEnvironment() }
}

/**
 * The last count that dd has printed on stderr; undefined when it has printed none. GNU: `131072 bytes (131 kB,
 * 128 KiB) copied, …`, BSD and macOS: `131072 bytes transferred in …`, busybox: `131072 bytes (128.0KB) copied`.
 */
export function countOf(ddOutput: string): number | undefined {
  const counts = [...ddOutput.matchAll(/^(\d+) bytes? .*(?:copied|transferred)/gm)]
  const last = counts.at(-1)?.[1]
  return last === undefined ? undefined : Number(last)
}

/**
 * Reports what a running dd has passed on, a few times a second; gives the function that ends it. On Linux from
 * /proc. BSD's dd prints its count on SIGINFO, which does no harm to one that does not listen yet; GNU's SIGUSR1
 * would kill it.
 */
export function reportWhileRunning(dd: StreamingProcess, report: CountStage['report']): () => void {
  const timer = setInterval(() => {
    if (process.platform === 'darwin') dd.signal('SIGINFO')
    const bytes = dd.activity()?.written ?? countOf(dd.complaint)
    if (bytes !== undefined) report(bytes)
  }, REPORT_EVERY_MS)
  return () => clearInterval(timer)
}

/** Counts what passes through node anyway. */
export function countInNode(stage: CountStage, now: () => number = () => performance.now()): TransformStage {
  return { kind: 'transform', label: stage.label, transform: (input) => counted(input, stage.report, now) }
}

async function* counted(
  input: AsyncIterable<Uint8Array>,
  report: CountStage['report'],
  now: () => number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0
  let reported = now()
  for await (const chunk of input) {
    bytes += chunk.length
    if (now() - reported >= REPORT_EVERY_MS) {
      report(bytes)
      reported = now()
    }
    yield chunk
  }
  report(bytes)
}
