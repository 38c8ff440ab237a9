import type { WatchedBackup, WatchedName } from '../catalog/watched.ts'
import type { CheckReport } from './check-report.ts'
import { formatBytes, formatCount, formatDuration, formatTime, plural } from './format.ts'
import { markup, type Html, type HtmlContent } from './html.ts'
import { badge, code, details, facts, list, table } from './html-parts.ts'
import {
  describeCommitted,
  describeCopy,
  describeProof,
  describeRestore,
  describeVerdicts,
  remarksOf,
} from './name-text.ts'
import { nameCharts, toneOf } from './status-charts.ts'

/** Of more backups nobody reads a table; the charts have all. */
const ROWS = 60

type Context = Pick<CheckReport, 'now' | 'targets' | 'replica'>

/** All that the page says of one name. */
export function nameSection(name: WatchedName, context: Context, options: { readonly open: boolean }): Html {
  const title = markup`<span class="name">${name.name}</span> ${stateOf(name)}`
  const content = [
    nameCharts(name, context),
    known(name, context),
    remarks(name),
    table3('Backups', backupRows(name.backups)),
    retention(name),
    recovery(name),
  ]
  return details(title, content, options)
}

export function stateOf({ breaches, newest }: WatchedName): Html {
  if (breaches.length > 0) return badge('bad', plural(breaches.length, 'breach', 'breaches'))
  return newest ? badge('good', 'well') : badge('none', 'no backup yet')
}

function known(name: WatchedName, { replica }: Context): Html {
  const { newest, proved, total, encryption, rates } = name
  return facts([
    ['Newest backup', newest ? markup`<code>${newest.id}</code>` : 'none'],
    ['Latest verification', describeProof(name)],
    ['Newest backup that is proved', proved ? markup`<code>${proved.id}</code>` : 'none'],
    ['Time to restore', describeRestore(name) || 'NOT MEASURED'],
    ['Encrypted for', encryption ?? 'NOT MEASURED'],
    ...(replica ? [['In the second store', describeCopy(name)] as const] : []),
    ['Backups', `${formatCount(total.backups)}, ${formatBytes(total.bytes)} stored`],
    ['Attempts without a manifest', formatCount(total.attempts)],
    ['Backups of 7 days that were committed', describeCommitted(rates)],
    ['Verifications of 30 days', describeVerdicts(rates)],
  ])
}

function remarks(name: WatchedName): Html | undefined {
  const sentences = remarksOf([name])
  if (sentences.length === 0) return undefined
  return markup`<h4>Worth a look</h4>${list(sentences)}`
}

function backupRows(backups: readonly WatchedBackup[]): readonly (readonly HtmlContent[])[] {
  return backups.map(({ id, time, bytes, plainBytes, rows, documents, seconds, verification }) => [
    markup`<code>${id}</code>`,
    formatTime(time),
    formatBytes(bytes),
    plainBytes === undefined ? '–' : formatBytes(plainBytes),
    formatCountOf(rows ?? documents),
    seconds === undefined ? '–' : formatDuration(seconds * 1000),
    verification ? badge(toneOf(verification.verdict), verification.verdict) : '–',
  ])
}

function formatCountOf(count: number | undefined): string {
  return count === undefined ? '–' : formatCount(count)
}

function table3(title: string, rows: readonly (readonly HtmlContent[])[]): Html | undefined {
  if (rows.length === 0) return undefined
  const numeric = ['Stored', 'Uncompressed', 'Rows', 'Took'].map((each) => ({ title: each, numeric: true }))
  const columns = [{ title: 'Backup' }, { title: 'Snapshot' }, ...numeric, { title: 'Verified' }]
  return details(`${title}: ${formatCount(rows.length)}`, [
    table(columns, rows.slice(0, ROWS)),
    more(rows.length - ROWS),
  ])
}

function retention({ retention: lines }: WatchedName): Html | undefined {
  if (lines.length === 0) return undefined
  const goes = lines.filter(({ stays }) => !stays).length
  const rows = lines
    .slice(0, ROWS)
    .map(({ id, bytes, stays, reasons }) => [
      markup`<code>${id}</code>`,
      formatBytes(bytes),
      stays ? 'stays' : 'goes with the next prune',
      reasons.join('; '),
    ])
  const columns = [
    { title: 'Backup' },
    { title: 'Stored', numeric: true },
    { title: 'What' },
    { title: 'Why' },
  ]
  return details(`Retention: ${lines.length - goes} stay, ${goes} go`, [
    table(columns, rows),
    more(lines.length - ROWS),
  ])
}

function more(left: number): Html | undefined {
  return left > 0 ? markup`<p class="note">… and ${plural(left, 'older one')}.</p>` : undefined
}

function recovery({ recovery: lines }: WatchedName): Html | undefined {
  if (!lines) return undefined
  return details(`How to restore ${lines.id} without Lifeboat`, [
    markup`<p>These lines stand in the backup's manifest, which whoever can write to the bucket can replace: read them before you run them. The backup's objects and <code>key.txt</code> have to be in the current folder.</p>`,
    code(lines.lines),
  ])
}
