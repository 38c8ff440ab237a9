import { Readable, type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** `input`, as it comes out of one of zlib's engines. `wrong` gives the error to throw in the place of the engine's own. */
export async function* throughEngine(
  input: AsyncIterable<Uint8Array>,
  engine: Duplex,
  wrong: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array, void, undefined> {
  const feeding = pipeline(Readable.from(input, { objectMode: false }), engine)
  // The same error comes out of `engine`, where it is thrown.
  feeding.catch(() => undefined)
  try {
    for await (const chunk of engine) yield chunk as Buffer
    await feeding
  } catch (cause) {
    throw wrong(cause)
  } finally {
    engine.destroy()
  }
}
