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
  /** Instead of `dist/index.js`. */
  readonly bundle: string | undefined
}

const CHAPTERS = ['xz', 'zstd', 'none', 'levels', 'restore', 'memory', 'terabyte', 'catalog'] as const
export type Chapter = (typeof CHAPTERS)[number]

/** What stands together in docs/performance.md, and is written when all of it was measured in one run. */
const BLOCKS = {
  backup: ['xz', 'zstd', 'none', 'levels', 'memory', 'terabyte', 'catalog'],
  restore: ['restore'],
} as const satisfies Record<string, readonly Chapter[]>
export type BlockName = keyof typeof BLOCKS

export const TERABYTE = 1e12
const SLICE = 10e9

export const USAGE = `npm run bench -- [options]
  --xz=LEVEL       level of xz, 0 to 9e (0)
  --rounds=N       how often each comparison is repeated (3)
  --gigabytes=N    size of the dump, 1 to 3, for the store is in memory (1)
  --terabyte       send the simulated terabyte whole, not its first ${SLICE / 1e9} GB (about half an hour)
  --only=LIST      some of ${CHAPTERS.join(', ')};
                   what was not measured whole is left alone in docs/performance.md: restore is one part of it,
                   all others another
  --bundle=PATH    another bundle than dist/index.js, to compare two; nothing is written then`

/** Throws, with what would be right, on anything that it does not know. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      xz: { type: 'string', default: '0' },
      rounds: { type: 'string', default: '3' },
      gigabytes: { type: 'string', default: '1' },
      terabyte: { type: 'boolean', default: false },
      bundle: { type: 'string' },
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
    rounds: inRange('rounds', values.rounds, 100),
    gigabytes: inRange('gigabytes', values.gigabytes, 3),
    terabyteBytes: values.terabyte ? TERABYTE : SLICE,
    only,
    bundle: values.bundle,
  }
}

/** Whether all of a block was measured, so that it may stand in the documentation. */
export function isWhole(block: BlockName, { only, bundle }: BenchOptions): boolean {
  return bundle === undefined && BLOCKS[block].every((chapter) => only.includes(chapter))
}

function inRange(name: string, text: string, most: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new RangeError(`--${name} takes a whole number from 1 to ${most}, not "${text}".`)
}
