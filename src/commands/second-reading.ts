import { createHash } from 'node:crypto'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError, type ErrorCode } from '../errors.ts'
import { readWhole } from '../pipeline/read-whole.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { WrongAnswer } from '../storage/wrong-answer.ts'

/** How one reading goes. */
export interface Reading {
  /** Over connections that nothing else has used: to be handed to `ObjectStore.read`. */
  readonly fresh: boolean
  /** Says what came, such that two readings can be compared; where nothing is said, the error's words are. */
  readonly saw: (evidence: string) => void
}

/** What is read, for people. */
export interface Read {
  readonly key: string
  /** What a second reading costs, at most. */
  readonly bytes: number
  readonly log: Pick<Log, 'notice' | 'warning'>
}

/** A flipped bit may make another manifest of one, and one of the future. */
const CONDEMNING: readonly ErrorCode[] = ['damaged', 'manifest', 'newer']

/** These would condemn the bytes that were read. */
export function condemns(error: unknown): error is LifeboatError {
  return error instanceof LifeboatError && CONDEMNING.includes(error.code)
}

/**
 * Reads once where nothing is wrong. Where what came condemns the backup, or is no answer of a store, it is read a second
 * time on a fresh connection: one flipped bit on the wire looks like damage. What both readings found alike is thrown;
 * what the second did not find was the way's fault, and is said; two readings that differ say nothing, and are a
 * `WrongAnswer`.
 */
export async function readTwice<T>(
  { key, bytes, log }: Read,
  read: (reading: Reading) => Promise<T>,
  isDoubtful: (error: LifeboatError) => boolean = condemns,
): Promise<T> {
  const seen: string[] = []
  const once = (fresh: boolean): Promise<T> =>
    read({ fresh, saw: (evidence) => void (seen[fresh ? 1 : 0] = evidence) })
  try {
    return await once(false)
  } catch (first) {
    if (!(first instanceof LifeboatError)) throw first
    const condemned = isDoubtful(first)
    if (!condemned && !(first instanceof WrongAnswer)) throw first
    log.notice(`${first.message} It is read a second time, on a fresh connection: ${bytes} bytes at most.`)
    let result: T
    try {
      result = await once(true)
    } catch (second) {
      if (!(second instanceof LifeboatError) || !isDoubtful(second)) throw second
      if (condemned && (seen[0] ?? first.message) === (seen[1] ?? second.message)) throw second
      throw new WrongAnswer('store', `${key} came with other bytes each time it was read.`, {
        hint: 'The network, a proxy or the store changes what is read. Nothing was concluded about the backup: run this again, from another machine if it stays.',
        cause: second,
      })
    }
    log.warning(
      `${key} was spoilt on its way the first time, and came whole the second: the backup is not at fault. Look at the network, a proxy, or the store.`,
    )
    return result
  }
}

/** Reads an object that is small by nature, whole; `judge` throws what condemns its bytes. See `readTwice`. */
export async function readJudged<T>(
  store: Pick<ObjectStore, 'read'>,
  {
    key,
    most,
    log,
    isDoubtful = condemns,
  }: Omit<Read, 'bytes'> & { readonly most: number; readonly isDoubtful?: (error: LifeboatError) => boolean },
  judge: (bytes: Buffer) => T,
): Promise<{ readonly bytes: Buffer; readonly value: T }> {
  const read = async ({ fresh, saw }: Reading): Promise<{ bytes: Buffer; value: T }> => {
    const bytes = await readWhole(store.read(key, undefined, { fresh }), { what: key, most })
    saw(sha256Of(bytes))
    return { bytes, value: judge(bytes) }
  }
  return await readTwice({ key, bytes: most, log }, read, isDoubtful)
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
