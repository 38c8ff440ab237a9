import { LifeboatError } from '../errors.ts'
import { childEnvironment } from './process.ts'
import { findOnPath } from './program.ts'
import type { Stage } from './stage.ts'
import { decompressXzInNode } from './xz-in-node.ts'
import { compressZstdInNode, decompressZstdInNode } from './zstd-in-node.ts'

export interface Compression {
  readonly format: 'xz' | 'zstd' | 'none'
  /** `6`, `9e`; empty for `none`. */
  readonly level: string
  /** As it is recorded, and as `parseCompression` reads it: `xz:6`, `zstd:3`, `none`. */
  readonly text: string
}

const ACCEPTED = /^(?:(none)|(xz)(?::([0-9]e?))?|(zstd)(?::([1-9]|1[0-9]))?)$/

/** Reads `xz` (level 6), `xz:0` to `xz:9e`, `zstd` (level 3), `zstd:1` to `zstd:19`, `none`. Throws `input`. */
export function parseCompression(text: string): Compression {
  const match = ACCEPTED.exec(text.trim())
  if (match === null) {
    throw new LifeboatError('input', 'names no compression that Lifeboat knows.', {
      hint: 'Write xz (the same as xz:6), xz:0 to xz:9, xz:0e to xz:9e, zstd (zstd:3), zstd:1 to zstd:19, or none.',
    })
  }
  const [, none, xz, xzLevel = '6', , zstdLevel = '3'] = match
  if (none !== undefined) return { format: 'none', level: '', text: 'none' }
  if (xz !== undefined) return { format: 'xz', level: xzLevel, text: `xz:${xzLevel}` }
  return { format: 'zstd', level: zstdLevel, text: `zstd:${zstdLevel}` }
}

/** What a file's name gets: `.xz`, `.zst` or nothing. */
export function suffixOf({ format }: Pick<Compression, 'format'>): '' | '.xz' | '.zst' {
  return format === 'none' ? '' : format === 'xz' ? '.xz' : '.zst'
}

/**
 * The stages that compress, with the programs found on `environment.PATH`. xz has to be installed (the flow says
 * so where it is not); zstd may be node's own, which is slower.
 */
export function compress(
  { format, level }: Compression,
  environment: Readonly<Record<string, string>> = childEnvironment(),
): Stage[] {
  switch (format) {
    case 'none':
      return []
    case 'xz':
      // All threads, and hence several blocks, without which nothing can decompress in parallel either.
      return [program('xz', ['-T0', `-${level}`, '-c', '-q'], environment)]
    case 'zstd':
      return findOnPath('zstd', environment) === undefined
        ? [compressZstdInNode(Number(level))]
        : [program('zstd', [`-${level}`, '-T0', '-c', '-q'], environment)]
  }
}

/** Who wrote an archive says how much memory its reading takes: so much is given, which all levels that are written need. */
const DECOMPRESS = {
  xz: ['-d', '-c', '-T0', '-q', '--format=xz', '--memlimit-decompress=1GiB'],
  zstd: ['-d', '-c', '-q', '--memory=128MB'],
} as const

/** The stages that undo `compress`; without the programs, node does it, slower. */
export function decompress(
  { format }: Pick<Compression, 'format'>,
  environment: Readonly<Record<string, string>> = childEnvironment(),
): Stage[] {
  if (format === 'none') return []
  if (findOnPath(format, environment) === undefined) {
    return [format === 'xz' ? decompressXzInNode() : decompressZstdInNode()]
  }
  return [program(format, DECOMPRESS[format], environment)]
}

function program(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Stage {
  return { kind: 'process', label: command, command, args, env }
}
