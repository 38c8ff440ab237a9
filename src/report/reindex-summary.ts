import { formatBytes, formatCount, formatDuration, formatTime, plural } from './format.ts'
import type { Block, Cell } from './summary.ts'

/** What a re-index has to tell. */
export interface ReindexReport {
  readonly database: string
  readonly search: string
  readonly snapshotTime: Date
  readonly indexes: readonly {
    readonly uid: string
    readonly sent: number
    readonly bytes: number
    readonly live: number | undefined
    readonly seconds: number
  }[]
  readonly tookMs: number
  readonly lagMs: number
  /** The longest that it may take. */
  readonly rtoMs: number
  readonly seconds: Readonly<Record<string, number>>
  readonly notes: readonly string[]
}

/** The outputs that no other command has, in the order of `action.yml`. */
export const REINDEX_OUTPUTS = ['indexes', 'documents', 'lag-seconds'] as const

/** Every output of `command: reindex`, as `action.yml` describes them. */
export function reindexOutputs({
  indexes,
  snapshotTime,
  tookMs,
  lagMs,
}: ReindexReport): Readonly<Record<string, string>> {
  return {
    'snapshot-time': snapshotTime.toISOString(),
    'rto-seconds': (tookMs / 1000).toFixed(1),
    indexes: indexes.length.toString(),
    documents: totalOf(indexes).toString(),
    'lag-seconds': (lagMs / 1000).toFixed(1),
  }
}

/** What the job's summary says of a re-index. */
export function reindexSummary(report: ReindexReport): Block[] {
  const { database, search, snapshotTime, indexes, tookMs, lagMs, rtoMs, seconds, notes } = report
  const facts: Cell[][] = [
    ['Search', { code: search }],
    ['Database', { code: database }],
    ['As it was at', formatTime(snapshotTime)],
    ['Lag of search behind it', `${formatDuration(lagMs)} when the indexes were swapped in`],
    ['Time', `${formatDuration(tookMs)}, ${rtoSentence({ tookMs, rtoMs })}`],
    ...Object.entries(seconds).map(([phase, each]): Cell[] => [
      `Time: ${phase}`,
      formatDuration(each * 1000),
    ]),
  ]
  return [
    { kind: 'heading', level: 2, text: `Search rebuilt: ${plural(totalOf(indexes), 'document')}` },
    {
      kind: 'table',
      columns: [
        { title: 'Index' },
        { title: 'Documents', numeric: true },
        { title: 'Before', numeric: true },
        { title: 'Size', numeric: true },
        { title: 'Time', numeric: true },
      ],
      rows: indexes.map(({ uid, sent, live, bytes, seconds: took }): Cell[] => [
        { code: uid },
        formatCount(sent),
        live === undefined ? 'none' : formatCount(live),
        formatBytes(bytes),
        formatDuration(took * 1000),
      ]),
    },
    { kind: 'table', columns: [{ title: 'What' }, { title: 'Value' }], rows: facts },
    ...(notes.length > 0 ? [{ kind: 'list', items: notes } as const] : []),
  ]
}

/** `within the target of 30 min 00 s`. */
export function rtoSentence({ tookMs, rtoMs }: Pick<ReindexReport, 'tookMs' | 'rtoMs'>): string {
  return `${tookMs <= rtoMs ? 'within' : 'BEYOND'} the target of ${formatDuration(rtoMs)}`
}

function totalOf(indexes: ReindexReport['indexes']): number {
  return indexes.reduce((sum, { sent }) => sum + sent, 0)
}
