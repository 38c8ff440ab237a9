import type { Manifest } from '../catalog/manifest.ts'
import { totalsOf, type Totals } from '../catalog/totals.ts'
import { formatBytes, plural } from './format.ts'
import type { Cell } from './summary.ts'

/** `PostgreSQL 15.18, UTF8` */
export function serverName(manifest: Manifest): string {
  if (manifest.source === 'meilisearch') return `Meilisearch ${manifest.server.version}`
  const { version, standby, encoding } = manifest.server
  return `PostgreSQL ${version}, ${encoding}${standby ? ', standby' : ''}`
}

/** `41 tables, 123,456 rows`; in the words of the backup's source, or of databases where no manifest was read. */
export function contentsSentence(
  manifest: Manifest | undefined,
  { parts, rows }: Pick<Totals, 'parts' | 'rows'>,
): string {
  const words = manifest && totalsOf(manifest).words
  const [part, several] = [words?.part ?? 'table', words?.parts ?? 'tables']
  const [row, rowsWord] = [words?.row ?? 'row', words?.rows ?? 'rows']
  return `${plural(parts, part, several)}, ${rows === null ? `${rowsWord} not counted` : plural(rows, row, rowsWord)}`
}

/** What was backed up, as rows of the table of facts. */
export function contentsRows(manifest: Manifest): Cell[][] {
  const sentence = contentsSentence(manifest, totalsOf(manifest))
  if (manifest.source === 'postgres') {
    const { databaseBytes, largeObjects, fingerprint } = manifest.contents
    const large = largeObjects > 0 ? `, ${plural(largeObjects, 'large object')}` : ''
    return [
      ['Database', `${formatBytes(databaseBytes)} with indexes, ${sentence}${large}`],
      ['Fingerprint', fingerprint],
    ]
  }
  const { way, keys, redacted, bytes, perIndex } = manifest.contents
  const changed = perIndex.filter(({ consistent }) => !consistent).length
  return [
    ['Contents', `${sentence}, ${formatBytes(bytes)} of documents, ${plural(keys, 'key')}`],
    ['Made', way === 'api' ? 'from the HTTP API, index by index' : 'by the server itself'],
    [
      'Consistent',
      changed === 0
        ? way === 'api'
          ? 'every index was unchanged while it was read'
          : 'one snapshot of the server'
        : `NO: ${plural(changed, 'index', 'indexes')} changed while being read`,
    ],
    ...(redacted > 0 ? [['Secrets left out', `${redacted}, NOT in the backup`]] : []),
  ]
}
