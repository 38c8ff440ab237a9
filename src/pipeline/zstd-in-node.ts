import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { LifeboatError } from '../errors.ts'
import type { TransformStage } from './stage.ts'
import { throughEngine } from './through-engine.ts'

const CHUNK_BYTES = 128 * 1024

/** `level` from 1 to 19. One thread; the zstd program has them all. */
export function compressZstdInNode(level: number): TransformStage {
  return {
    kind: 'transform',
    label: 'zstd (node)',
    transform: (input) =>
      throughEngine(
        input,
        createZstdCompress({
          chunkSize: CHUNK_BYTES,
          params: {
            [constants.ZSTD_c_compressionLevel]: level,
            [constants.ZSTD_c_checksumFlag]: 1,
          },
        }),
        wrong,
      ),
  }
}

/** Throws `damaged` when the input is no zstd, or is cut. */
export function decompressZstdInNode(): TransformStage {
  return {
    kind: 'transform',
    label: 'zstd -d (node)',
    transform: (input) =>
      throughEngine(
        input,
        createZstdDecompress({
          chunkSize: CHUNK_BYTES,
          // 128 MiB, as the program's own limit.
          params: { [constants.ZSTD_d_windowLogMax]: 27 },
        }),
        wrong,
      ),
  }
}

function wrong(cause: unknown): unknown {
  return isZstdError(cause)
    ? new LifeboatError('damaged', 'The zstd data is damaged or cut.', { cause })
    : cause
}

function isZstdError(error: unknown): boolean {
  if (error instanceof LifeboatError) return false
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? ''
  return code.startsWith('ZSTD_error') || code === 'Z_BUF_ERROR'
}
