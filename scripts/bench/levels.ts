import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseCompression, type Compression } from '../../src/pipeline/compression.ts'
import { compressorLine } from './contenders.ts'
import { shellEnvironment, type Place } from './place.ts'
import { timedShell } from './shell.ts'

/** What one level makes of a sample of the dump. */
export interface Level {
  readonly compression: Compression
  /** How many times smaller. */
  readonly ratio: number
  /** Processor seconds for 10⁹ bytes of dump. */
  readonly processorPerGigabyte: number
  readonly sampleBytes: number
}

const LEVELS = ['zstd:3', 'zstd:9', 'zstd:19', 'xz:0', 'xz:1', 'xz:6'].map(parseCompression)
const BLOCK = 1024 * 1024
const SAMPLE = 32 * BLOCK

/** Compresses the same sample with each level: the slow ones would take minutes on the whole. */
export async function compareLevels(place: Place, dumpBytes: number): Promise<Level[]> {
  const file = join(place.home, 'sample')
  const environment = { ...shellEnvironment(place), FILE: file }
  try {
    const sampleBytes = await takeSample(environment, file, Math.floor(dumpBytes / SAMPLE))
    const levels: Level[] = []
    for (const compression of LEVELS) {
      const line = `cat "$FILE"${compressorLine(compression)} | wc -c`
      const { output, processor } = await timedShell(line, environment)
      levels.push({
        compression,
        ratio: sampleBytes / Number(output),
        processorPerGigabyte: (processor / sampleBytes) * 1e9,
        sampleBytes,
      })
    }
    return levels
  } finally {
    await rm(file, { force: true })
  }
}

/** Every so many-th MiB of the dump, so that all its tables are in it. Gives the sample's bytes. */
async function takeSample(
  environment: Readonly<Record<string, string>>,
  file: string,
  every: number,
): Promise<number> {
  const dump = spawn(join(environment['PG_BIN'] ?? '', 'pg_dump'), ['-Fc', '-Z0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment,
  })
  const ended = once(dump, 'close')
  let bytes = 0
  await pipeline(
    dump.stdout,
    async function* (chunks: AsyncIterable<Buffer>) {
      let at = 0
      for await (const chunk of chunks) {
        for (let start = 0; start < chunk.length;) {
          const left = BLOCK - ((at + start) % BLOCK)
          const piece = chunk.subarray(start, start + left)
          if (Math.floor((at + start) / BLOCK) % every === 0) {
            bytes += piece.length
            yield piece
          }
          start += piece.length
        }
        at += chunk.length
      }
    },
    createWriteStream(file),
  )
  // Before that its processor time would be counted for the first level.
  await ended
  if (dump.exitCode !== 0) throw new Error(`pg_dump ended with ${dump.signalCode ?? dump.exitCode ?? '?'}`)
  return bytes
}
