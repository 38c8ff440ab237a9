import type { XzReadableStream } from 'xz-decompress'
import { LifeboatError } from '../errors.ts'
import type { TransformStage } from './stage.ts'

/** xz-decompress has one lock for the whole process: a second stream waits for the first, perhaps for ever. */
let running = false

/**
 * Decompresses xz in WebAssembly, where no xz program is installed: slow, one stream at a time, no dictionary
 * above 64 MiB, no SHA-256 checks. Throws `damaged`, or `platform` when a second one is started.
 */
export function decompressXzInNode(): TransformStage {
  return { kind: 'transform', label: 'xz -d (node)', transform: decompressed }
}

async function* decompressed(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (running) {
    throw new LifeboatError(
      'platform',
      'Without the program xz only one archive at a time can be unpacked.',
      {
        hint: 'Install the package xz-utils.',
      },
    )
  }
  running = true
  const source = nonEmpty(input[Symbol.asyncIterator]())
  try {
    const Decompressor = await loadXz()
    const stream = new Decompressor(webStream(source))
    for await (const chunk of stream) if (chunk.length > 0) yield chunk
    // What follows the end of the archive must be read too, or it would pass for undamaged.
    if ((await source.next()).done !== true)
      throw new LifeboatError('damaged', 'Something follows the xz archive.')
  } catch (cause) {
    throw isXzError(cause) ? new LifeboatError('damaged', 'The xz data is damaged or cut.', { cause }) : cause
  } finally {
    running = false
    // On an error the package leaves its source running.
    await source.return(undefined)
  }
}

/** The package throws a TypeError at an empty source; empty chunks would make it take the end for reached. */
async function* nonEmpty(input: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0
  try {
    for (let step = await input.next(); step.done !== true; step = await input.next()) {
      bytes += step.value.length
      if (step.value.length > 0) yield step.value
    }
  } finally {
    await input.return?.()
  }
  if (bytes === 0) throw new LifeboatError('damaged', 'The xz data is empty.')
}

/** Pulls one chunk at a time; stays open for us when the reader has had enough. */
function webStream(source: AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await source.next()
        if (step.done === true) controller.close()
        else controller.enqueue(step.value)
      },
    },
    { highWaterMark: 0 },
  )
}

interface XzExports {
  readonly XzReadableStream?: typeof XzReadableStream
}

/** Under which name the package's class appears depends on who bundled it. */
async function loadXz(): Promise<typeof XzReadableStream> {
  const loaded: XzExports & { readonly default?: XzExports } = await import('xz-decompress')
  const found = loaded.XzReadableStream ?? loaded.default?.XzReadableStream
  if (found === undefined) throw new TypeError('the package xz-decompress has changed')
  return found
}

function isXzError(error: unknown): boolean {
  return !(error instanceof LifeboatError) && String(error).includes('get_next_output')
}
