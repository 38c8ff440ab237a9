import { z } from 'zod'
import { compactTime, ownFolder, timeOf } from './names.ts'

/** What a run left in the trail, as its record's name says it. */
export interface AuditEntry {
  readonly key: string
  /** When the run ended, in UTC, to the second. */
  readonly time: Date
  readonly command: string
  readonly result: AuditResult
}

export type AuditResult = 'success' | 'failure' | 'cancelled'

export const AUDIT_FORMAT = 1

const shortText = z.string().max(1_000)

const record = z.object({
  format: z.literal(AUDIT_FORMAT),
  lifeboat: z.string().max(40),
  command: z.string().max(40),
  source: z.string().max(40),
  result: z.enum(['success', 'failure', 'cancelled']),
  started: z.iso.datetime(),
  finished: z.iso.datetime(),
  /** Why it did not succeed, by the error's code: a message may name tables, and this is plain. */
  error: shortText.nullable(),
  /** The outputs that the run set. */
  figures: z.record(z.string(), z.string().max(100_000)),
  /** Who and which run, as GitHub says; empty elsewhere. */
  run: z.record(z.string(), shortText),
})
export type AuditRecord = Readonly<z.infer<typeof record>>

/** `db/_lifeboat/audit/`: all of the trail. */
export function auditTrail(prefix: string): string {
  return `${ownFolder(prefix)}audit/`
}

/** `db/_lifeboat/audit/2026/11/`: one month of it. */
export function auditMonth(prefix: string, time: Date): string {
  return `${auditTrail(prefix)}${time.toISOString().slice(0, 7).replace('-', '/')}/`
}

/** `db/_lifeboat/audit/2026/11/20261122T021641Z-backup-success-1a2b3c.json`; `random` is six hexadecimal digits. */
export function auditKey(prefix: string, entry: Omit<AuditEntry, 'key'>, random: string): string {
  const { time, command, result } = entry
  return `${auditMonth(prefix, time)}${compactTime(time)}-${command}-${result}-${random}.json`
}

const KEY =
  /^(\d{4})\/(\d{2})\/((\d{8})T\d{6}Z)-([a-z]+(?:-[a-z]+)*)-(success|failure|cancelled)-[0-9a-f]{6}\.json$/

/** Undefined for whatever is no record of the trail, or stands in another month's folder. */
export function parseAuditKey(prefix: string, key: string): AuditEntry | undefined {
  const trail = auditTrail(prefix)
  if (!key.startsWith(trail)) return undefined
  const [, year = '', month = '', at = '', day = '', command = '', result] =
    KEY.exec(key.slice(trail.length)) ?? []
  const time = timeOf(`${at}-000000`)
  if (Number.isNaN(time.getTime()) || !day.startsWith(`${year}${month}`)) return undefined
  return { key, time, command, result: result as AuditResult }
}

export function renderAudit(content: AuditRecord): Buffer {
  return Buffer.from(`${JSON.stringify(record.parse(content), null, 2)}\n`)
}
