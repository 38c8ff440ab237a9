import { WINDOW_MS, type WatchedBackup, type WatchedName } from '../catalog/watched.ts'
import type { CheckReport } from './check-report.ts'
import { formatBytes, formatDuration, formatTime, plural } from './format.ts'
import { markup, type Html, type HtmlContent } from './html.ts'
import type { Tone } from './html-parts.ts'
import { gauge, series, timeline, topOf, type ChartPoint, type ChartSpan } from './svg-charts.ts'

type Context = Pick<CheckReport, 'now' | 'targets'>

/** Gauges against the targets, and what became of one name over time. */
export function nameCharts(name: WatchedName, context: Context): HtmlContent {
  return [
    gauges(name, context),
    figure('The last 30 days', history(name, context), spanLabels(spanOf(context)), legend()),
    figure('Stored size', ...sizes(name.backups, context)),
    figure('Time that a backup took', ...durations(name.backups, context)),
    figure('Time to restore', ...restoreTimes(name, context)),
  ]
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

export function toneOf(verdict: 'ok' | 'failed' | 'partial'): Tone {
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
