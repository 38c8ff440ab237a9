import { encrypt } from '../../../src/pipeline/age/encrypt.ts'
import { flow } from '../../../src/pipeline/flow.ts'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { seal } from '../../../src/pipeline/seal.ts'
import type { ProcessStage } from '../../../src/pipeline/stage.ts'

/*
 * A program for the test of memory: encrypts so many zero bytes for a recipient and prints how much memory (RSS,
 * bytes) that took at its peak.
 */

const [recipient = '', size = '0'] = process.argv.slice(2)
const args = ['-c', size, '/dev/zero']
const head: ProcessStage = { kind: 'process', label: 'head', command: 'head', args, env: childEnvironment() }

let bytes = 0
let peakRss = 0
const options = { signal: new AbortController().signal, stallMs: 60_000 }
const started = performance.now()
for await (const chunk of flow(head, [encrypt([recipient]), seal().stage], options)) {
  bytes += chunk.length
  peakRss = Math.max(peakRss, process.memoryUsage.rss())
}
const megabytesPerSecond = Math.round(bytes / 1e3 / (performance.now() - started))
console.log(JSON.stringify({ bytes, peakRss, megabytesPerSecond }))
