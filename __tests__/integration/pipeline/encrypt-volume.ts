import { encrypt } from '../../../src/pipeline/age/encrypt.ts'
import { flow } from '../../../src/pipeline/flow.ts'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { seal } from '../../../src/pipeline/seal.ts'
import type { ProcessStage } from '../../../src/pipeline/stage.ts'

/*
 * A program for the test of memory: encrypts so many zero bytes for a recipient and prints how much memory (RSS,
 * bytes) that took: at its peak, and the median of each half. Garbage that waits for its collector makes single
 * values jump by 30 MB; a leak shows in the medians.
 */

const [recipient = '', size = '0'] = process.argv.slice(2)
const args = ['-c', size, '/dev/zero']
const head: ProcessStage = { kind: 'process', label: 'head', command: 'head', args, env: childEnvironment() }

let bytes = 0
const firstHalf: number[] = []
const secondHalf: number[] = []
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const options = { signal: new AbortController().signal, stallMs: 60_000 }
const started = performance.now()
for await (const chunk of flow(head, [encrypt([recipient]), seal().stage], options)) {
  bytes += chunk.length
  const samples = bytes < Number(size) / 2 ? firstHalf : secondHalf
  samples.push(process.memoryUsage.rss())
}
const report = {
  bytes,
  peakRss: Math.max(...firstHalf, ...secondHalf),
  firstHalfRss: median(firstHalf),
  secondHalfRss: median(secondHalf),
  megabytesPerSecond: Math.round(bytes / 1e3 / (performance.now() - started)),
}
console.log(JSON.stringify(report))
