import { WINDOW_MS, type WatchedBackup, type WatchedName } from '../catalog/watched.ts'
import type { CheckReport } from './check-report.ts'
import { describeProof } from './check-summary.ts'
import { formatBytes, formatCount, formatDuration, formatTime, plural } from './format.ts'
import { markup, type Html, type HtmlContent } from './html.ts'
import { badge, code, details, facts, table, type Tone } from './html-parts.ts'
import { gauge, series, timeline, topOf, type ChartPoint, type ChartSpan } from './svg-charts.ts'

/** Of more backups nobody reads a table; the charts have all. */
const ROWS = 60

type Context = Pick<CheckReport, 'now' | 'targets'>

/** All that the page says of one name. */
export function nameSection(name: WatchedName, context: Context, options: { readonly open: boolean }): Html {
  const title = markup`<span class="name">${name.name}</span> ${stateOf(name)}`
  const content = [
    gauges(name, context),
    figure('The last 30 days', history(name, context), spanLabels(spanOf(context)), legend()),
    figure('Stored size', ...sizes(name.backups, context)),
    figure('Time that a backup took', ...durations(name.backups, context)),
    figure('Time to restore', ...restoreTimes(name, context)),
    known(name),
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

function gauges({ newest, gap, restores, name }: WatchedName, { targets }: Context): Html {
  const [restore] = restores
  const each = [
    ['Newest backup', newest?.ageMs, targets.rpoMs, 'old'],
    ['Worst gap in 30 days', gap?.ms, targets.gapMs, ''],
    ['Time to restore', restore && restore.seconds * 1000, targets.rtoMs, ''],
  ] as const
  return markup`<div class="gauges">${each.map(([title, value, limit, end]) => {
    const told = value === undefined ? 'NOT MEASURED' : `${formatDuration(value)} ${end}`.trim()
    const said = `${title} of ${name}: ${told}, at most ${formatDuration(limit)}`
    return markup`<div>${gauge(said, { value, limit })}<p class="value">${told}</p><p class="note">${title}, at most ${formatDuration(limit)}</p></div>`
  })}</div>`
}

function spanOf({ now }: Context): ChartSpan {
  return { from: new Date(now.getTime() - WINDOW_MS), to: now }
}

function history({ backups, name }: WatchedName, context: Context): Html {
  const span = spanOf(context)
  const isIn = (time: Date): boolean => time >= span.from && time <= span.to
  const taken = backups.filter(({ time }) => isIn(time)).map((backup) => ({ ...pointOf(backup), value: 0 }))
  const verified = backups.flatMap(({ id, verification }) =>
    verification && isIn(verification.time)
      ? [
          {
            time: verification.time,
            tone: toneOf(verification.verdict),
            title: `Verification of ${id}: ${verification.verdict}, ${formatTime(verification.time)}`,
          },
        ]
      : [],
  )
  const title = `${plural(taken.length, 'backup')} of ${name} and ${plural(verified.length, 'verification')} in the last 30 days`
  return timeline(title, span, [taken, verified])
}

function legend(): Html {
  const each = [
    ['accent', 'not verified'],
    ['good', 'verified'],
    ['bad', 'verification failed'],
  ] as const
  return markup`<p class="legend"><span>Above: backups; below: verifications.</span> ${each.map(
    ([tone, word]) => markup`<span class="key ${tone}">${word}</span> `,
  )}</p>`
}

function pointOf({ id, time, verification, bytes }: WatchedBackup): Omit<ChartPoint, 'value'> {
  return {
    time,
    tone: verification ? toneOf(verification.verdict) : 'accent',
    title: `${id}, ${formatTime(time)}: ${formatBytes(bytes)}, ${verification?.verdict ?? 'not verified'}`,
  }
}

function toneOf(verdict: 'ok' | 'failed' | 'partial'): Tone {
  return ({ ok: 'good', failed: 'bad', partial: 'warn' } as const)[verdict]
}

type Figure = readonly [chart: HtmlContent, below: HtmlContent, beside?: HtmlContent]
const NONE: Figure = [undefined, undefined]

function sizes(backups: readonly WatchedBackup[], { now }: Context): Figure {
  const points = backups.toReversed().map((backup) => ({ ...pointOf(backup), value: backup.bytes }))
  return drawn('Stored size of each backup', points, now, formatBytes)
}

function durations(backups: readonly WatchedBackup[], { now }: Context): Figure {
  const points = backups.toReversed().flatMap((backup) =>
    backup.seconds === undefined
      ? []
      : [
          {
            ...pointOf(backup),
            value: backup.seconds,
            tone: 'accent',
            title: `${backup.id}: ${formatDuration(backup.seconds * 1000)}`,
          } as const,
        ],
  )
  return drawn('How long each backup took', points, now, (seconds) => formatDuration(seconds * 1000))
}

function restoreTimes({ restores }: WatchedName, { now, targets }: Context): Figure {
  const limit = targets.rtoMs / 1000
  const points = restores.toReversed().map(({ id, time, seconds }): ChartPoint => ({
    time,
    value: seconds,
    tone: seconds > limit ? 'bad' : 'good',
    title: `${id}, restored ${formatTime(time)}: ${formatDuration(seconds * 1000)}`,
  }))
  // A target far above everything would press the line to the floor.
  const shown = limit < 4 * topOf(points) ? limit : undefined
  return drawn('How long restoring took', points, now, (seconds) => formatDuration(seconds * 1000), shown)
}

/** A chart of at least two values, with what its axes mean. */
function drawn(
  title: string,
  points: readonly ChartPoint[],
  now: Date,
  format: (value: number) => string,
  limit?: number,
): Figure {
  const [first] = points
  if (!first || points.length < 2) return NONE
  const span = { from: first.time, to: now }
  const top = topOf(points, limit)
  const scale = markup`<p class="scale"><span>${format(top)}</span><span>${format(top / 2)}</span><span>0</span></p>`
  return [series(`${title}: ${plural(points.length, 'value')}`, span, points, limit), spanLabels(span), scale]
}

function figure(
  title: string,
  chart: HtmlContent,
  below: HtmlContent,
  beside?: HtmlContent,
): Html | undefined {
  if (chart === undefined) return undefined
  const isScale = title !== 'The last 30 days'
  return markup`<figure class="${isScale ? 'scaled' : 'plain'}"><figcaption>${title}</figcaption>${isScale ? beside : undefined}<div class="plot">${chart}${below}</div>${isScale ? undefined : beside}</figure>\n`
}

function spanLabels({ from, to }: ChartSpan): Html {
  const day = (time: Date): string => time.toISOString().slice(0, 10)
  return markup`<p class="span"><span>${day(from)}</span><span>${day(to)}</span></p>`
}

function known(name: WatchedName): Html {
  const { newest, proved, total, encryption } = name
  return facts([
    ['Newest backup', newest ? markup`<code>${newest.id}</code>` : 'none'],
    ['Latest verification', describeProof(name)],
    ['Newest backup that is proved', proved ? markup`<code>${proved.id}</code>` : 'none'],
    ['Encrypted for', encryption ?? 'NOT MEASURED'],
    ['Backups', `${formatCount(total.backups)}, ${formatBytes(total.bytes)} stored`],
    ['Attempts without a manifest', formatCount(total.attempts)],
  ])
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
