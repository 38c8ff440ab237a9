import { LifeboatError } from '../errors.ts'
import { countOf, reportWhileRunning } from './count.ts'
import { startProcess, type StreamingProcess } from './process.ts'
import type { Link } from './segments.ts'

/** Processes that have been started and joined, in order. */
export interface Chain {
  /** `pg_dump | dd | xz` */
  readonly label: string
  readonly first: StreamingProcess
  readonly last: StreamingProcess
  readonly processes: readonly StreamingProcess[]
  /** Reports the exact counts. To be called when every process has exited with 0; throws `process`. */
  readonly reportCounts: () => void
}

/**
 * Starts the processes of a chain. They are handed to `started` one by one, because a later one may fail to
 * start (`platform`) when the first ones already run.
 */
export function startChain(
  links: readonly [Link, ...Link[]],
  input: 'ignore' | 'pipe',
  started: (process: StreamingProcess) => void,
): Chain {
  const [firstLink, ...otherLinks] = links
  const start = ({ process }: Link, from: 'ignore' | 'pipe' | StreamingProcess): StreamingProcess => {
    const child = startProcess(process, from)
    started(child)
    return child
  }
  const first = start(firstLink, input)
  const processes = [first]
  let last = first
  for (const link of otherLinks) {
    // A process that never began has no pipe to hand on; the flow learns why from its exit.
    if (last.pid === undefined) break
    last = start(link, last)
    processes.push(last)
  }
  const ends = links.map((link, index) => countLink(link, processes[index]))
  const reportCounts = (): void => ends.forEach((end) => end())
  return {
    label: links.map(({ process }) => process.label).join(' | '),
    first,
    last,
    processes,
    reportCounts,
  }
}

function countLink({ count }: Link, dd: StreamingProcess | undefined): () => void {
  if (count === undefined || dd === undefined) return () => undefined
  const endReports = reportWhileRunning(dd, count.report)
  void dd.exited.then(endReports)
  return () => {
    const bytes = countOf(dd.complaint)
    if (bytes === undefined) {
      throw new LifeboatError('process', `${dd.label} did not say how many bytes passed: ${dd.complaint}`)
    }
    count.report(bytes)
  }
}
