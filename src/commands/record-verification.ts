import type { ListedBackup } from '../catalog/listing.ts'
import { parseVerificationFile, verificationFile } from '../catalog/names.ts'
import { notOfBackup } from '../catalog/own-record.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import {
  faultOf,
  MOST_RECORD_BYTES,
  parseVerification,
  renderVerification,
  VERIFICATION_FORMAT,
  type VerificationRecord,
} from '../catalog/verification.ts'
import type { VerificationOutcome } from '../catalog/verification-outcome.ts'
import { LifeboatError } from '../errors.ts'
import { encrypt } from '../pipeline/age/encrypt.ts'
import { flow } from '../pipeline/flow.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { readBeginning } from './read-beginning.ts'

/** What of an outcome is recorded. */
export type Recordable = Omit<
  VerificationOutcome,
  'older' | 'withoutIdentity' | 'notes' | 'recordKey' | 'failure'
>

export interface RecordSurroundings {
  readonly store: ObjectStore
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly lifeboat: string
  readonly run: Readonly<Record<string, string>>
  readonly started: Date
  readonly manifestSha256: string
}

/** How often another second is waited for, where another verification recorded in the same one. */
const ATTEMPTS = 3

/**
 * Writes what came of a verification beside the backup: details first, encrypted to whom the backup is (not at all where
 * it is not), then the plain record, whose name says the verdict. Gives the record's key.
 */
export async function recordVerification(outcome: Recordable, around: RecordSurroundings): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeRecord(outcome, around, new Date(around.clock.now().getTime() + (attempt - 1) * 1000))
    } catch (error) {
      if (!(error instanceof LifeboatError && error.code === 'store-conflict') || attempt === ATTEMPTS)
        throw error
    }
  }
}

async function writeRecord(
  { backup, folder, manifest, rungs, verdict, totals, seconds, rtoSeconds }: Recordable,
  { store, log, signal, lifeboat, run, started, manifestSha256 }: RecordSurroundings,
  finished: Date,
): Promise<string> {
  const file = verificationFile(finished, verdict)
  const recipients = [...new Set(manifest?.artifacts.flatMap((artifact) => artifact.recipients) ?? [])]
  const details =
    manifest === undefined
      ? undefined
      : file.replace(/json$/, recipients.length > 0 ? 'details.age' : 'details')
  const write = async (key: string, content: Buffer, to: readonly string[]): Promise<void> => {
    const body = (): AsyncIterable<Uint8Array> =>
      flow({ kind: 'bytes', label: 'record', bytes: [content] }, to.length > 0 ? [encrypt(to)] : [], {
        signal,
        stallMs: 60_000,
      })
    await store.write(key, body, { expectedBytes: content.length + 100_000, signal })
  }
  if (details !== undefined) {
    await write(
      `${folder}${details}`,
      Buffer.from(`${JSON.stringify({ backup: backup.id, rungs }, null, 2)}\n`),
      recipients,
    )
  }
  const record: VerificationRecord = {
    format: VERIFICATION_FORMAT,
    lifeboat,
    backup: backup.id,
    name: backup.name,
    verdict,
    fault: faultOf(rungs) ?? null,
    started: started.toISOString(),
    finished: finished.toISOString(),
    manifestSha256,
    rungs: rungs.map(({ rung, outcome, summary, seconds: took }) => ({
      rung,
      outcome,
      summary,
      seconds: took,
    })),
    totals: {
      tables: totals?.tables ?? null,
      rows: totals?.rows ?? null,
      bytes: manifest?.artifacts.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0,
      orphans: totals?.orphans ?? null,
    },
    seconds: { ...seconds },
    rtoSeconds: rtoSeconds ?? null,
    details: details ?? null,
    run: { ...run },
  }
  await write(`${folder}${file}`, renderVerification(record), [])
  log.info(`Recorded: ${folder}${file}`)
  return `${folder}${file}`
}

/**
 * The newest record of this backup that can be read; undefined where there is none. One that is not of the manifest beside
 * it is named with `warn`, and is none.
 */
export async function lastRecord(
  { store, folder, warn }: { store: ObjectStore; folder: string; warn: (message: string) => void },
  { id, files }: Pick<ListedBackup, 'id' | 'files'>,
  manifestSha256: string,
): Promise<VerificationRecord | undefined> {
  const records = files.filter((file) => parseVerificationFile(file) !== undefined).sort()
  const last = records.at(-1)
  if (last === undefined) return undefined
  const bytes = await readBeginning(store, `${folder}${last}`, MOST_RECORD_BYTES)
  if (bytes === undefined) return undefined
  const what = notOfBackup(bytes, last, { id, manifestSha256 })
  if (what === undefined) return parseVerification(bytes)
  warn(`${folder}${last} ${what}; it counts for nothing. Find out who writes to the store.`)
  return undefined
}
