import { parseArgs } from 'node:util'
import { parseCompression, type Compression } from '../../src/pipeline/compression.ts'

export interface BenchOptions {
  readonly xz: Compression
  readonly rounds: number
  /** Of the dump on which the times are taken, in 10⁹ bytes. */
  readonly gigabytes: number
  /** Bytes of the simulated terabyte that are really sent. */
  readonly terabyteBytes: number
  readonly only: readonly Chapter[]
}

const CHAPTERS = ['xz', 'zstd', 'none', 'memory', 'terabyte'] as const
export type Chapter = (typeof CHAPTERS)[number]

export const TERABYTE = 1e12
const SLICE = 16e9

export const USAGE = `npm run bench -- [options]
  --xz=LEVEL       level of xz, 0 to 9e (0)
  --rounds=N       how often each comparison is repeated (3)
  --gigabytes=N    size of the dump (1)
  --terabyte       send the simulated terabyte whole, not its first ${SLICE / 1e9} GB (about half an hour)
  --only=LIST      some of ${CHAPTERS.join(', ')}; docs/performance.md is then left alone`

/** Throws, with what would be right, on anything that it does not know. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      xz: { type: 'string', default: '0' },
      rounds: { type: 'string', default: '3' },
      gigabytes: { type: 'string', default: '1' },
      terabyte: { type: 'boolean', default: false },
      only: { type: 'string', default: CHAPTERS.join(',') },
    },
  })
  const only = values.only.split(',').map((word) => {
    const chapter = CHAPTERS.find((name) => name === word.trim())
    if (!chapter) throw new RangeError(`--only knows ${CHAPTERS.join(', ')}, not "${word}".`)
    return chapter
  })
  return {
    xz: parseCompression(`xz:${values.xz}`),
    rounds: atLeastOne('rounds', values.rounds),
    gigabytes: atLeastOne('gigabytes', values.gigabytes),
    terabyteBytes: values.terabyte ? TERABYTE : SLICE,
    only,
  }
}

/** Whether all was measured, so that it may stand in the documentation. */
export function isWhole({ only }: BenchOptions): boolean {
  return CHAPTERS.every((chapter) => only.includes(chapter))
}

function atLeastOne(name: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1) return number
  throw new RangeError(`--${name} takes a whole number from 1 on, not "${text}".`)
}
