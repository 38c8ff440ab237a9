import type { Manifest } from '../catalog/manifest.ts'
import type { RestoreOutcome } from '../catalog/restorer.ts'
import { formatDuration, formatTime } from './format.ts'
import type { Block, Cell } from './summary.ts'

/** What a restore has to tell. */
export interface RestoreReport {
  /** The store's own description. */
  readonly store: string
  readonly source: Manifest['source']
  /** Undefined for an archive without one. */
  readonly manifest: Manifest | undefined
  /** Complete, where the archive was given by it. */
  readonly key: string | undefined
  readonly outcome: RestoreOutcome
  readonly seconds: Readonly<Record<string, number>>
}

/** Every output that only `command: restore` has, as `action.yml` describes them. */
export type RestoreOutputs = Readonly<Record<'restored-database' | 'not-restored', string>>

export function restoreOutputs({ outcome }: Pick<RestoreReport, 'outcome'>): RestoreOutputs {
  return { 'restored-database': outcome.database, 'not-restored': outcome.failures.length.toString() }
}

const COMPARED = { equal: 'equal', different: 'DIFFERENT', 'not-measured': 'NOT MEASURED' } as const

export function restoreSummary(report: RestoreReport): Block[] {
  const { store, source, manifest, key, outcome, seconds } = report
  const { database, previous, failures, notValid, notes, cutOver, comparison } = outcome
  const rows: Cell[][] = [
    [source === 'meilisearch' ? 'Search server' : 'Database', { code: database }],
    ['From', manifest ? `${manifest.name} ${manifest.id}, ${store}` : `${key ?? ''}, ${store}`],
    ...(manifest ? [['As it was at', formatTime(new Date(manifest.snapshot.time))]] : []),
    ...(previous === undefined ? [] : [['The old one is now', { code: previous }]]),
    ['Fingerprint', `${COMPARED[comparison.outcome]}: ${comparison.summary}`],
    ...Object.entries(seconds).map(([phase, each]): Cell[] => [
      `Time: ${phase}`,
      formatDuration(each * 1000),
    ]),
  ]
  return [
    { kind: 'heading', level: 2, text: `Restore into ${database}` },
    ...failing(
      'Not restored',
      ['What', 'Why'],
      failures.map(({ what, reason }) => [{ code: what }, reason]),
    ),
    ...failing(
      'Not what the snapshot held',
      ['What', 'Expected', 'Found'],
      comparison.findings.map(({ what, expected, found }) => [{ code: what }, expected, found]),
    ),
    { kind: 'table', columns: [{ title: 'What' }, { title: 'Value' }], rows },
    ...listed('Keys whose rows break them: added NOT VALID, they hold for new rows only', notValid),
    ...(cutOver.length === 0
      ? []
      : [
          {
            kind: 'heading',
            level: 3,
            text: 'To put it in the place of the old one, in the database postgres',
          } as const,
          { kind: 'code', language: 'text', lines: cutOver } as const,
        ]),
    ...listed('Notes', notes),
    ...(previous === undefined
      ? []
      : [
          {
            kind: 'paragraph',
            text: `What was written since the snapshot is in ${previous}. Drop it when nobody needs it any more.`,
          } as const,
        ]),
  ]
}

function failing(title: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Block[] {
  if (rows.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: title },
    { kind: 'table', columns: columns.map((each) => ({ title: each })), rows },
  ]
}

function listed(title: string, items: readonly string[]): Block[] {
  if (items.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: title },
    { kind: 'list', items },
  ]
}
