import { setTimeout as delay } from 'node:timers/promises'
import { childEnvironment } from '../../../../src/pipeline/process.ts'
import type { ByteStream, BytesStage, ProcessStage, TransformStage } from '../../../../src/pipeline/stage.ts'

export function program(command: string, ...args: string[]): ProcessStage {
  return { kind: 'process', label: command, command, args, env: childEnvironment() }
}

/** A shell script, in which `exec` makes the program itself the process. */
export function script(label: string, text: string): ProcessStage {
  return { kind: 'process', label, command: 'sh', args: ['-c', text], env: childEnvironment() }
}

export function bytesOf(...chunks: (Uint8Array | string)[]): BytesStage {
  return { kind: 'bytes', label: 'bytes', bytes: chunks.map((chunk) => Buffer.from(chunk)) }
}

export async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Runs a transform alone. */
export function through(stage: TransformStage, ...chunks: Uint8Array[]): Promise<Buffer> {
  return throughAll(stage, chunks)
}

/** As `through`, for more chunks than a call has room for arguments. */
export function throughAll(stage: TransformStage, chunks: Iterable<Uint8Array>): Promise<Buffer> {
  return collect(
    stage.transform(
      (async function* () {
        for (const chunk of chunks) yield await Promise.resolve(chunk)
      })(),
    ),
  )
}

/** Hands the bytes on after a pause before each chunk but the first. */
export async function readSlowly(stream: ByteStream, pauseMs: number, chunks: number): Promise<number> {
  let bytes = 0
  let seen = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    seen += 1
    if (seen <= chunks) await delay(pauseMs)
  }
  return bytes
}

/** What `work` throws; fails the test when it throws nothing. */
export async function errorOf(work: () => Promise<unknown>): Promise<unknown> {
  let result: unknown
  try {
    result = await work()
  } catch (error) {
    return error
  }
  throw new Error(`expected an error, got ${String(result)}`)
}
