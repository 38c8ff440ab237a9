import { MANIFEST_FILE } from '../catalog/names.ts'
import { totalsOf } from '../catalog/totals.ts'
import type { BackupReport } from './backup-report.ts'
import { dumpOf, durationOf } from './backup-report.ts'

/** Every output of `command: backup`, as `action.yml` describes them. */
export type BackupOutputs = Readonly<Record<(typeof SINGLE)[number] | 'backups', string>>

const SINGLE = [
  'backup-id',
  'name',
  'key',
  'manifest-key',
  'bytes',
  'raw-bytes',
  'compression-ratio',
  'sha256',
  'snapshot-time',
  'duration-seconds',
  'tables',
  'rows',
] as const

/**
 * The outputs of a step that made these backups. Those that speak of one backup are empty unless there is exactly
 * one; `backups` holds them all.
 */
export function backupOutputs(reports: readonly BackupReport[]): BackupOutputs {
  const each = reports.map(outputsOf)
  const [only] = each
  const single = Object.fromEntries(
    SINGLE.map((name) => [name, each.length === 1 ? (only?.[name] ?? '').toString() : '']),
  ) as Record<(typeof SINGLE)[number], string>
  return { ...single, backups: JSON.stringify(each) }
}

function outputsOf(report: BackupReport): Readonly<Record<(typeof SINGLE)[number], string | number | null>> {
  const { manifest, folder } = report
  const dump = dumpOf(report)
  const { parts, rows } = totalsOf(manifest)
  return {
    'backup-id': manifest.id,
    name: manifest.name,
    key: `${folder}${dump.file}`,
    'manifest-key': `${folder}${MANIFEST_FILE}`,
    bytes: dump.bytes,
    'raw-bytes': dump.plainBytes,
    'compression-ratio': Number((dump.plainBytes / dump.bytes).toFixed(2)),
    sha256: dump.sha256,
    'snapshot-time': manifest.snapshot.time,
    'duration-seconds': Number((durationOf(report) / 1000).toFixed(1)),
    tables: parts,
    rows,
  }
}
