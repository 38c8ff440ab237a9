import type { VerificationState } from '../catalog/verification-state.ts'
import { formatBytes, formatDuration, formatTime, plural } from './format.ts'
import type { Block, Cell } from './summary.ts'

/** What `list` found; the command's own result has this shape. */
export interface ListReport {
  /** The store's own description, for people. */
  readonly store: string
  readonly prefix: string
  readonly names: readonly {
    readonly name: string
    readonly backups: readonly ListedLine[]
    readonly attempts: number
    readonly removing: number
    readonly newer: readonly { readonly id: string; readonly time: Date; readonly format: number }[]
  }[]
  readonly foreign: number
}

interface ListedLine {
  readonly id: string
  readonly time: Date
  readonly ageMs: number
  readonly bytes: number
  readonly verification: VerificationState | undefined
}

/** One member of the output `backups` and of the report file. Sizes in bytes, times in UTC. */
export interface ListedJson {
  readonly name: string
  readonly 'backup-id': string
  readonly 'snapshot-time': string
  readonly 'age-seconds': number
  readonly bytes: number
  readonly verification: 'ok' | 'failed' | 'partial' | 'none'
  readonly 'verified-at': string | null
}

/** All backups, by name, newest first. */
export function listJson({ names }: ListReport): ListedJson[] {
  return names.flatMap(({ name, backups }) =>
    backups.map(({ id, time, ageMs, bytes, verification }) => ({
      name,
      'backup-id': id,
      'snapshot-time': time.toISOString(),
      'age-seconds': Math.round(ageMs / 1000),
      bytes,
      verification: verification?.verdict ?? 'none',
      'verified-at': verification?.time.toISOString() ?? null,
    })),
  )
}

const COLUMNS = ['Backup', 'Snapshot', 'Age', 'Stored', 'Verified'] as const

/** The same table as plain lines, for a log or a terminal. */
export function listLines(report: ListReport): string[] {
  return report.names.flatMap((each) => [
    headingOf(each),
    ...aligned([COLUMNS, ...each.backups.map(cells)]),
    ...newerOf(each),
  ])
}

export function listSummary(report: ListReport): Block[] {
  const { names, foreign, store, prefix } = report
  return [
    { kind: 'heading', level: 2, text: `Backups in ${store}, ${prefix === '' ? '/' : prefix}` },
    ...(names.length === 0 ? [{ kind: 'paragraph', text: nothing(report) } as const] : []),
    ...names.flatMap((each): Block[] => [
      { kind: 'heading', level: 3, text: headingOf(each) },
      {
        kind: 'table',
        columns: COLUMNS.map((title) => ({ title, numeric: title === 'Age' || title === 'Stored' })),
        rows: each.backups.map((line): Cell[] => [{ code: line.id }, ...cells(line).slice(1)]),
      },
      ...newerOf(each).map((text): Block => ({ kind: 'paragraph', text })),
    ]),
    ...(foreign === 0
      ? []
      : [{ kind: 'paragraph', text: `${plural(foreign, 'object')} under the prefix: not ours.` } as const]),
  ]
}

function headingOf({ name, backups, attempts, removing }: ListReport['names'][number]): string {
  const without = attempts === 0 ? '' : `, ${plural(attempts, 'attempt')} without a manifest`
  const going = removing === 0 ? '' : `, ${removing} that prune has begun to remove`
  return `${name}: ${plural(backups.length, 'backup')}${without}${going}`
}

/** What this version cannot read is named, so that nobody takes the newest that it can read for the newest. */
function newerOf({ newer }: ListReport['names'][number]): string[] {
  const [newest] = newer
  if (newest === undefined) return []
  return [
    `${plural(newer.length, 'backup')} of a newer format, which this version of Lifeboat cannot read: the newest is ${newest.id}, of format ${newest.format}.`,
  ]
}

/** Said with more than a line of a log where nothing could be restored. */
export function listWarning(report: ListReport): string | undefined {
  return report.names.some(({ backups, newer }) => backups.length + newer.length > 0)
    ? undefined
    : nothing(report)
}

function nothing({ store, prefix }: ListReport): string {
  return `There is no backup under ${prefix === '' ? '/' : prefix} in ${store}. Look at bucket, prefix and name.`
}

function cells({ id, time, ageMs, bytes, verification }: ListedLine): string[] {
  return [id, formatTime(time), formatDuration(ageMs), formatBytes(bytes), verified(verification)]
}

const VERDICTS = { ok: 'ok', partial: 'partial', failed: 'FAILED' } as const

function verified(state: VerificationState | undefined): string {
  return state === undefined ? 'never' : `${VERDICTS[state.verdict]}, ${formatTime(state.time)}`
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  return rows.map((row) =>
    `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  )
}
