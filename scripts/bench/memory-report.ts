import { MOST_FILES, MOST_GROWTH, MOST_RSS, MEMORY_COMPRESSION, type MemoryRun } from './memory.ts'
import { table } from './table.ts'
import { TERABYTE } from './options.ts'
import type { SimulatedTerabyte } from './terabyte.ts'
import type { Verdict } from './verdict.ts'

const MEMORY_TOLERANCE = 1.1

export function memoryVerdicts(small: MemoryRun, large: MemoryRun, largeParts: MemoryRun): Verdict[] {
  const runs = [small, large, largeParts]
  const most = Math.max(...runs.map(({ peakRss }) => peakRss))
  const files = Math.max(...runs.map((run) => run.files))
  const growth = large.peakRss / small.peakRss - 1
  return [
    {
      what: `memory of node at ${gigabytes(large.dumpBytes)} against ${gigabytes(small.dumpBytes)} of dump`,
      measured: `${growth < 0 ? '−' : '+'}${Math.abs(growth * 100).toFixed(0)} %`,
      limit: `within ${MOST_GROWTH * 100} %`,
      met: Math.abs(growth) <= MOST_GROWTH,
    },
    {
      what: `most memory of node, with the parts of a database of 150 GB (${largeParts.part ?? ''}) too`,
      measured: megabytes(most),
      limit: `below ${megabytes(MOST_RSS)}`,
      met: most < MOST_RSS,
    },
    {
      what: 'files on the runner at any time',
      measured: megabytes(files),
      limit: `below ${megabytes(MOST_FILES)}`,
      met: files < MOST_FILES,
    },
  ]
}

export function memoryReport(runs: readonly MemoryRun[]): string {
  const rows = runs.map(({ dumpBytes, part, peakRss, files }) => [
    gigabytes(dumpBytes),
    part ?? '8MiB',
    megabytes(peakRss),
    `${files.toLocaleString('en-US')} bytes`,
  ])
  return [
    `At ${MEMORY_COMPRESSION.text} with the fingerprint: the kernel's high-water mark of the node process, and the most that stood at any time in files of RUNNER_TEMP, the workspace, HOME and TMPDIR.`,
    table(['dump', 'parts', 'peak RSS', 'files'], ['right', 'right', 'right', 'right'], rows),
  ].join('\n\n')
}

export function terabyteVerdicts(simulated: SimulatedTerabyte): Verdict[] {
  const { partsOfAll, allowedParts, equal, sent, peakRss, expectedRss } = simulated
  return [
    {
      // The slice shows the parts; that they add up to the whole is arithmetic, unless the whole was sent.
      what: sent < TERABYTE ? `parts of a terabyte, by its first ${megabytes(sent)}` : 'parts of a terabyte',
      measured: `${count(partsOfAll)}, ${equal ? 'equal' : 'NOT EQUAL'}`,
      limit: `at most ${count(allowedParts)}, equal`,
      met: equal && partsOfAll <= allowedParts,
    },
    {
      what: 'memory of its upload, against the formula',
      measured: megabytes(peakRss),
      limit: `${megabytes(expectedRss)} and a tenth`,
      met: peakRss <= expectedRss * MEMORY_TOLERANCE,
    },
  ]
}

export function terabyteReport(simulated: SimulatedTerabyte): string {
  const { plan, sent, seconds, parts } = simulated
  const rate = sent / seconds / 1e6
  return [
    `A terabyte is sent as ${count(simulated.partsOfAll)} parts of ${count(plan.partBytes)} bytes, ${plan.inFlight} at a time.`,
    `Really sent were ${gigabytes(sent)} of it in ${count(parts)} parts, at ${rate.toFixed(0)} MB/s,`,
    'to a server on the same machine that only counts.',
  ].join(' ')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 0)} MB`
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
