import { createGunzip, createGzip } from 'node:zlib'
import { LifeboatError } from '../errors.ts'
import type { TransformStage } from './stage.ts'
import { throughEngine } from './through-engine.ts'

const CHUNK_BYTES = 128 * 1024

/** `level` from 1 to 9. */
export function compressGzipInNode(level: number): TransformStage {
  return {
    kind: 'transform',
    label: 'gzip (node)',
    transform: (input) =>
      throughEngine(withoutEmpty(input), createGzip({ level, chunkSize: CHUNK_BYTES }), (error) => error),
  }
}

/** Throws `damaged` when the input is no gzip, or is cut. */
export function decompressGzipInNode(): TransformStage {
  return {
    kind: 'transform',
    label: 'gzip -d (node)',
    transform: (input) =>
      throughEngine(input, createGunzip({ chunkSize: CHUNK_BYTES }), (cause) =>
        isGzipError(cause)
          ? new LifeboatError('damaged', 'The gzip data is damaged or cut.', { cause })
          : cause,
      ),
  }
}

/** A chunk of nothing is a sign of life, and no concern of the engine's. */
async function* withoutEmpty(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of input) if (chunk.length > 0) yield chunk
}

function isGzipError(error: unknown): boolean {
  if (error instanceof LifeboatError) return false
  return /^Z_(DATA|BUF)_ERROR$/.test((error as NodeJS.ErrnoException | undefined)?.code ?? '')
}
