import { LifeboatError } from '../errors.ts'

/**
 * The same bytes; `tooLong` is thrown in the place of the first byte beyond `most`. What somebody else wrote has no end
 * that we could count on.
 */
export async function* atMost(
  bytes: AsyncIterable<Uint8Array>,
  most: number,
  tooLong: () => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  let seen = 0
  for await (const chunk of bytes) {
    seen += chunk.length
    if (seen > most) throw tooLong()
    yield chunk
  }
}

/**
 * All of something that is small by nature, in memory: the one way to hold a whole of bytes that come from outside.
 * `what` names it for people. Throws `damaged` where it has more than `most` bytes.
 */
export async function readWhole(
  bytes: AsyncIterable<Uint8Array>,
  { what, most }: { readonly what: string; readonly most: number },
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of atMost(bytes, most, () => tooLarge(what, most))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function tooLarge(what: string, most: number): LifeboatError {
  return new LifeboatError('damaged', `${what} has more than ${most} bytes, which nothing of its kind has.`, {
    hint: 'Something else was put in its place. Find out who writes here.',
  })
}
