import { z } from 'zod'
import { isBackupId, type Verdict } from './names.ts'

/**
 * The rungs of the verification ladder, from the bottom to the top: see `docs/architecture.md`. The first six prove the
 * backup, the others colour the step.
 */
export const RUNGS = [
  'manifest',
  'stored',
  'opened',
  'unpacked',
  'restored',
  'equal',
  'references',
  'views',
  'searches',
  'expectations',
  'amcheck',
  'negative-control',
  'time',
] as const
export type Rung = (typeof RUNGS)[number]

/** Those of a database; `searches` are asked of Meilisearch only. */
const OF_POSTGRES = RUNGS.filter((rung) => rung !== 'searches')
const OF_MEILISEARCH = RUNGS.filter(
  (rung) => !['references', 'views', 'expectations', 'amcheck'].includes(rung),
)

/** The ladder of one source. */
export function rungsOf(source: 'postgres' | 'meilisearch'): readonly Rung[] {
  return source === 'meilisearch' ? OF_MEILISEARCH : OF_POSTGRES
}

/** What a backup has to pass to be called good. */
export const PROVING: readonly Rung[] = RUNGS.slice(0, 6)

/** `skipped`: nobody asked for it, or there is nothing of the kind. */
export type RungOutcome = 'passed' | 'failed' | 'not-measured' | 'skipped'

/** What a rung found that names things of the database: for the summary and the encrypted details. */
export interface Finding {
  readonly what: string
  readonly expected: string
  readonly found: string
}

/** What a failed proof finds fault with: the stored bytes, or what comes of it when whole bytes are restored. */
export type Fault = 'bytes' | 'restore'

export interface RungReport {
  readonly outcome: RungOutcome
  /** One sentence with numbers and without names of tables: it is recorded in plain. */
  readonly summary: string
  /** May name tables. */
  readonly findings?: readonly Finding[]
  /** To be acted on, though the rung holds; may name tables. */
  readonly warnings?: readonly string[]
  /** Worth knowing; may name tables. */
  readonly notes?: readonly string[]
}

export interface ClimbedRung extends RungReport {
  readonly rung: Rung
  /** Of a rung that failed because of an error; see `faultOf` for all. */
  readonly fault?: Fault
  readonly seconds: number
}

/**
 * `ok` only when all of the first six passed, `failed` when one of them failed. Of what stands above them only `searches`
 * decides: documents that are all there and are not found are no whole search, so a failure there is `partial`.
 */
export function verdictOf(rungs: readonly Pick<ClimbedRung, 'rung' | 'outcome'>[]): Verdict {
  const outcomes = PROVING.map((name) => rungs.find(({ rung }) => rung === name)?.outcome ?? 'not-measured')
  if (outcomes.includes('failed')) return 'failed'
  const unfound = rungs.some(({ rung, outcome }) => rung === 'searches' && outcome === 'failed')
  return outcomes.every((outcome) => outcome === 'passed') && !unfound ? 'ok' : 'partial'
}

/** Of a proof that failed: two faults with two cures. Undefined where none of the first six failed. */
export function faultOf(
  rungs: readonly Pick<ClimbedRung, 'rung' | 'outcome' | 'fault'>[],
): Fault | undefined {
  const failed = rungs.find(({ rung, outcome }) => outcome === 'failed' && PROVING.includes(rung))
  if (!failed) return undefined
  return failed.fault ?? (failed.rung === 'restored' || failed.rung === 'equal' ? 'restore' : 'bytes')
}

export const VERIFICATION_FORMAT = 1

const time = z.iso.datetime()
const count = z.number().int().nonnegative()

/** What is stored beside the backup: plain, so without a name of a table. */
const record = z.object({
  format: z.literal(VERIFICATION_FORMAT),
  lifeboat: z.string().max(40),
  backup: z.string().refine(isBackupId, 'not a backup id'),
  name: z.string().min(1).max(1_000),
  verdict: z.enum(['ok', 'partial', 'failed']),
  /** Of `failed`: whether the bytes are not what was recorded, or whole bytes do not restore to what was. */
  fault: z.enum(['bytes', 'restore']).nullable().default(null),
  started: time,
  finished: time,
  /** Of the manifest that was verified: a later one is another. */
  manifestSha256: z.string().regex(/^[0-9a-f]{64}$/),
  rungs: z
    .array(
      z.object({
        rung: z.enum(RUNGS),
        outcome: z.enum(['passed', 'failed', 'not-measured', 'skipped']),
        summary: z.string().max(2_000),
        seconds: z.number().nonnegative(),
      }),
    )
    .max(RUNGS.length),
  totals: z.object({
    tables: count.nullable(),
    rows: count.nullable(),
    bytes: count,
    /** References to rows that are not there; null where they were not looked for. */
    orphans: count.nullable(),
  }),
  /** Phase to duration, in seconds. */
  seconds: z.record(z.string(), z.number().nonnegative()),
  /** From the first byte fetched to a database that is restored and checked; null where it did not come so far. */
  rtoSeconds: z.number().nonnegative().nullable(),
  /** The object beside it that names tables; null where there is none. */
  details: z.string().max(400).nullable(),
  run: z.record(z.string(), z.string().max(1_000)),
})
export type VerificationRecord = Readonly<z.infer<typeof record>>

export function renderVerification(content: VerificationRecord): Buffer {
  return Buffer.from(`${JSON.stringify(record.parse(content), null, 2)}\n`)
}

/** No record is larger. */
export const MOST_RECORD_BYTES = 2 ** 20

/** What a bucket gave back; undefined when it is no record that this version can read. */
export function parseVerification(bytes: Uint8Array): VerificationRecord | undefined {
  try {
    const parsed = record.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    // Not JSON: somebody else's file, or a damaged one. A record before this one is a comparison, not a condition.
    return undefined
  }
}
