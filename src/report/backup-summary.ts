import { totalsOf } from '../catalog/totals.ts'
import type { BackupFailure, BackupReport } from './backup-report.ts'
import { durationOf } from './backup-report.ts'
import { bars, pie } from './charts.ts'
import { formatBytes, formatCount, formatDuration, formatRatio, formatTime, plural } from './format.ts'
import { contentsRows, serverName } from './source-words.ts'
import type { Block, Cell } from './summary.ts'

/** What the job's summary says of a run that made `reports` and failed at `failures`. */
export function backupSummary(reports: readonly BackupReport[], failures: readonly BackupFailure[]): Block[] {
  const [only] = reports
  if (only && reports.length === 1 && failures.length === 0) {
    return [{ kind: 'heading', level: 2, text: `Backup of ${only.manifest.name}` }, ...backupBlocks(only)]
  }
  return [
    { kind: 'heading', level: 2, text: several(reports, failures) },
    ...failureBlocks(failures),
    ...overview(reports),
    ...reports.map((report): Block => {
      const { name, id } = report.manifest
      return { kind: 'details', title: `${name}, ${id}`, blocks: backupBlocks(report) }
    }),
  ]
}

function several(reports: readonly BackupReport[], failures: readonly BackupFailure[]): string {
  if (failures.length === 0) return plural(reports.length, 'backup')
  const all = plural(reports.length + failures.length, 'backup')
  return `${formatCount(failures.length)} of ${all} failed`
}

function failureBlocks(failures: readonly BackupFailure[]): Block[] {
  if (failures.length === 0) return []
  const rows = failures.map(({ name, reason }): Cell[] => [{ code: name }, reason])
  return [{ kind: 'table', columns: [{ title: 'Not backed up' }, { title: 'Why' }], rows }]
}

function overview(reports: readonly BackupReport[]): Block[] {
  if (reports.length === 0) return []
  const rows = reports.map((report): Cell[] => {
    const { raw, stored } = totals(report)
    return [
      { code: report.manifest.name },
      { code: report.manifest.id },
      formatBytes(raw),
      formatBytes(stored),
      formatDuration(durationOf(report)),
    ]
  })
  const numeric = ['Raw', 'Stored', 'Time'].map((title) => ({ title, numeric: true }))
  return [{ kind: 'table', columns: [{ title: 'Backup' }, { title: 'Id' }, ...numeric], rows }]
}

function backupBlocks(report: BackupReport): Block[] {
  return [
    ...listed('Look at this', report.warnings),
    facts(report),
    artifacts(report),
    ...phases(report),
    ...tables(report),
    ...listed('Who waited for this backup', report.waits),
    ...listed('Notes', report.manifest.notes),
    { kind: 'heading', level: 3, text: 'How to restore it without Lifeboat' },
    { kind: 'code', language: 'bash', lines: [report.download, ...report.manifest.recovery] },
  ]
}

function listed(title: string, items: readonly string[]): Block[] {
  if (items.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: title },
    { kind: 'list', items },
  ]
}

function facts(report: BackupReport): Block {
  const { manifest, store, folder } = report
  const { raw, stored } = totals(report)
  const recipients = new Set(manifest.artifacts.flatMap((artifact) => artifact.recipients))
  const rows: Cell[][] = [
    ['Backup', { code: manifest.id }],
    ['Snapshot', formatTime(new Date(manifest.snapshot.time))],
    ['Server', serverName(manifest)],
    ...contentsRows(manifest),
    ['Store', store],
    ['Folder', { code: folder }],
    [
      'Size',
      `${formatBytes(raw)} raw, ${formatBytes(stored)} stored: ${formatRatio(raw, stored)} times smaller`,
    ],
    ['Encrypted to', recipients.size === 0 ? 'nobody: NOT ENCRYPTED' : plural(recipients.size, 'recipient')],
    ['Time', formatDuration(durationOf(report))],
  ]
  return { kind: 'table', columns: [{ title: 'What' }, { title: 'Value' }], rows }
}

function artifacts({ manifest }: BackupReport): Block {
  return {
    kind: 'table',
    columns: [
      { title: 'Artifact' },
      { title: 'Raw', numeric: true },
      { title: 'Stored', numeric: true },
      { title: 'Ratio', numeric: true },
      { title: 'Compression' },
      { title: 'SHA-256' },
    ],
    rows: manifest.artifacts.map((artifact): Cell[] => [
      { code: artifact.file },
      formatBytes(artifact.plainBytes),
      formatBytes(artifact.bytes),
      formatRatio(artifact.plainBytes, artifact.bytes),
      artifact.compression,
      { code: artifact.sha256 },
    ]),
  }
}

function phases({ manifest }: BackupReport): Block[] {
  const slices = Object.entries(manifest.seconds).map(([label, value]) => ({ label, value }))
  if (slices.length === 0) return []
  const chart = bars('Time of each phase', 'seconds', slices)
  return [
    { kind: 'heading', level: 3, text: 'Time' },
    {
      kind: 'table',
      columns: [{ title: 'Phase' }, { title: 'Time', numeric: true }],
      rows: slices.map(({ label, value }): Cell[] => [label, formatDuration(value * 1000)]),
    },
    ...(chart ? [{ kind: 'chart', mermaid: chart } as const] : []),
  ]
}

function tables({ largest, manifest }: BackupReport): Block[] {
  if (largest.length === 0) return []
  const { words } = totalsOf(manifest)
  const chart = pie(
    'Bytes',
    largest.map(({ name, bytes }) => ({ label: name, value: bytes })),
  )
  return [
    { kind: 'heading', level: 3, text: `Largest ${words.parts}` },
    {
      kind: 'table',
      columns: [
        { title: capital(words.part) },
        { title: capital(words.rows), numeric: true },
        { title: 'Size', numeric: true },
      ],
      rows: largest.map(({ name, rows, bytes }): Cell[] => [
        { code: name },
        rows === null ? 'not counted' : formatCount(rows),
        formatBytes(bytes),
      ]),
    },
    ...(chart
      ? [{ kind: 'details', title: 'As a chart', blocks: [{ kind: 'chart', mermaid: chart }] } as const]
      : []),
  ]
}

function totals({ manifest: { artifacts: all } }: BackupReport): { raw: number; stored: number } {
  return {
    raw: all.reduce((sum, { plainBytes }) => sum + plainBytes, 0),
    stored: all.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
