import { Readable, type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { LifeboatError } from '../errors.ts'
import type { TransformStage } from './stage.ts'

const CHUNK_BYTES = 128 * 1024

/** `level` from 1 to 19. One thread; the zstd program has them all. */
export function compressZstdInNode(level: number): TransformStage {
  return {
    kind: 'transform',
    label: 'zstd (node)',
    transform: (input) =>
      through(
        input,
        createZstdCompress({
          chunkSize: CHUNK_BYTES,
          params: {
            [constants.ZSTD_c_compressionLevel]: level,
            [constants.ZSTD_c_checksumFlag]: 1,
          },
        }),
      ),
  }
}

/** Throws `damaged` when the input is no zstd, or is cut. */
export function decompressZstdInNode(): TransformStage {
  return {
    kind: 'transform',
    label: 'zstd -d (node)',
    transform: (input) => through(input, createZstdDecompress({ chunkSize: CHUNK_BYTES })),
  }
}

async function* through(
  input: AsyncIterable<Uint8Array>,
  engine: Duplex,
): AsyncGenerator<Uint8Array, void, undefined> {
  const feeding = pipeline(Readable.from(input, { objectMode: false }), engine)
  // The same error comes out of `engine`, where it is thrown.
  feeding.catch(() => undefined)
  try {
    for await (const chunk of engine) yield chunk as Buffer
    await feeding
  } catch (cause) {
    throw isZstdError(cause)
      ? new LifeboatError('damaged', 'The zstd data is damaged or cut.', { cause })
      : cause
  } finally {
    engine.destroy()
  }
}

function isZstdError(error: unknown): boolean {
  if (error instanceof LifeboatError) return false
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? ''
  return code.startsWith('ZSTD_error') || code === 'Z_BUF_ERROR'
}
