import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { Artifact } from '../catalog/manifest.ts'
import { LifeboatError } from '../errors.ts'
import { decrypt } from '../pipeline/age/decrypt.ts'
import { decompress, parseCompression } from '../pipeline/compression.ts'
import { flow } from '../pipeline/flow.ts'
import { atMost } from '../pipeline/read-whole.ts'
import type { ByteStream, ProcessStage, Stage } from '../pipeline/stage.ts'
import { youngGarbage } from '../pipeline/garbage.ts'
import { diskFailure } from './disk-failure.ts'

export interface Opening {
  readonly identities: readonly string[]
  readonly signal: AbortSignal
  readonly stallMs: number
}

/** Bytes of a stored object that was fetched; the first `most` of them, where that is given. */
export async function* fileBytes(path: string, most?: number): AsyncGenerator<Uint8Array, void, undefined> {
  const wentOut = youngGarbage()
  const span = { highWaterMark: 256 * 1024, ...(most !== undefined && { end: most - 1 }) }
  for await (const chunk of createReadStream(path, span) as AsyncIterable<Buffer>) {
    yield chunk
    wentOut(chunk.length)
  }
}

/**
 * Stored bytes → age → decompression: the artifact's plain bytes. Only their end says that they are all. Throws `damaged`
 * in the place of the first byte beyond what the manifest recorded, whoever reads them.
 */
export function plainBytes(
  artifact: Artifact,
  stored: AsyncIterable<Uint8Array>,
  opening: Opening,
): ByteStream {
  const { signal, stallMs } = opening
  const head = { kind: 'bytes', label: artifact.file, bytes: stored } as const
  const plain = flow(head, stagesFor(artifact, opening), { signal, stallMs })
  return atMost(plain, artifact.plainBytes, () => tooLong(artifact))
}

function stagesFor(artifact: Artifact, { identities }: Opening): Stage[] {
  return [
    ...(artifact.recipients.length > 0 ? [decrypt(identities)] : []),
    ...decompress(parseCompression(artifact.compression)),
  ]
}

/** What a shell counts the size of files in. */
const LIMIT_UNIT = 512

/**
 * The decompressor, which comes last, writes the file itself: its bytes pass through nobody. A limit on the file's size
 * ends one that grows beyond what was recorded, before it fills the disk.
 */
async function pourInto(
  path: string,
  artifact: Artifact,
  stored: AsyncIterable<Uint8Array>,
  {
    first,
    last,
    signal,
    stallMs,
  }: Opening & { readonly first: readonly Stage[]; readonly last: ProcessStage },
): Promise<void> {
  await (await open(path, 'wx', 0o600)).close()
  const most = Math.ceil((artifact.plainBytes + 1) / LIMIT_UNIT)
  const script = 'ulimit -f "$1" && file="$0" && shift && exec "$@" > "$file"'
  const writer: ProcessStage = {
    ...last,
    command: 'sh',
    args: ['-c', script, path, String(most), last.command, ...last.args],
  }
  const head = { kind: 'bytes', label: artifact.file, bytes: stored } as const
  const poured = flow(head, [...first, writer], { signal, stallMs })
  try {
    await drain(judged(artifact, poured))
  } catch (error) {
    // That nobody read it to its end is then only the consequence.
    assertNotLonger(artifact, (await stat(path)).size)
    throw error
  }
  assertPlainSize(artifact, (await stat(path)).size)
}

/** Gives how many bytes there were. */
async function drain(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0
  for await (const chunk of bytes) count += chunk.length
  return count
}

/** What a decompressor says of bytes that are not its own. */
const DAMAGED =
  /corrupt|truncat|unexpected end|format not recognized|not in gzip|Data is|invalid|Unsupported/i

/** What is held whole has an end, whatever its manifest says. */
const MOST_OF_SMALL = 512 * 2 ** 20

/** Opens a small artifact whole. Throws `damaged` where it does not unpack to the recorded size. */
export async function openSmall(
  artifact: Artifact,
  stored: AsyncIterable<Uint8Array>,
  opening: Opening,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of judged(artifact, plainBytes(artifact, stored, opening))) {
    bytes += chunk.length
    assertNotLonger(artifact, bytes)
    if (bytes > MOST_OF_SMALL) throw tooLarge(artifact)
    chunks.push(chunk)
  }
  assertPlainSize(artifact, bytes)
  return Buffer.concat(chunks)
}

/**
 * Opens an artifact into a file that nobody else can read. Throws `damaged` as `openSmall` does, `platform` when the
 * disk is full.
 */
export async function openInto(
  path: string,
  artifact: Artifact,
  stored: AsyncIterable<Uint8Array>,
  opening: Opening,
): Promise<void> {
  try {
    await writeInto(path, artifact, stored, opening)
  } catch (error) {
    throw diskFailure(error, path)
  }
}

async function writeInto(
  path: string,
  artifact: Artifact,
  stored: AsyncIterable<Uint8Array>,
  opening: Opening,
): Promise<void> {
  const stages = stagesFor(artifact, opening)
  const last = stages.at(-1)
  if (last?.kind === 'process') {
    await pourInto(path, artifact, stored, { ...opening, first: stages.slice(0, -1), last })
    return
  }
  await using file = await open(path, 'wx', 0o600)
  let bytes = 0
  for await (const chunk of judged(artifact, plainBytes(artifact, stored, opening))) {
    assertNotLonger(artifact, bytes + chunk.length)
    for (let done = 0; done < chunk.length;) {
      done += (await file.write(chunk, done, chunk.length - done)).bytesWritten
    }
    bytes += chunk.length
  }
  assertPlainSize(artifact, bytes)
}

/** The same bytes; what a decompressor complains of is the artifact's damage, not the machine's. */
export async function* judged(
  artifact: Pick<Artifact, 'file'>,
  plain: ByteStream,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* plain
  } catch (cause) {
    if (cause instanceof LifeboatError && cause.code === 'process' && DAMAGED.test(cause.message)) {
      throw new LifeboatError('damaged', `${artifact.file} does not unpack: ${cause.message}`, { cause })
    }
    throw cause
  }
}

function tooLarge({ file }: Artifact): LifeboatError {
  return new LifeboatError(
    'damaged',
    `${file} has more than ${MOST_OF_SMALL} bytes, which nothing of its kind has.`,
  )
}

/** An archive that grows without end would fill the disk. */
export function assertNotLonger(artifact: Artifact, bytes: number): void {
  if (bytes > artifact.plainBytes) throw tooLong(artifact)
}

function tooLong({ file, plainBytes }: Artifact): LifeboatError {
  return new LifeboatError(
    'damaged',
    `${file} unpacks to more than the ${plainBytes} bytes that the manifest recorded.`,
  )
}

export function assertPlainSize(artifact: Artifact, bytes: number): void {
  if (bytes === artifact.plainBytes) return
  throw new LifeboatError(
    'damaged',
    `${artifact.file} unpacks to ${bytes} bytes; the manifest recorded ${artifact.plainBytes}.`,
    { hint: 'It is not the artifact that this manifest was written for. Use another backup.' },
  )
}
