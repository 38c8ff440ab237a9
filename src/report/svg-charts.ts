import { markup, type Html } from './html.ts'
import type { Tone } from './html-parts.ts'

/**
 * Charts that stretch with their box: nothing in them is text, which would be stretched too, and every stroke keeps its
 * width. A dot is a line without length and with round ends. Each has a title for who cannot see it.
 */
const WIDTH = 1_000

export interface ChartPoint {
  readonly time: Date
  readonly value: number
  readonly tone: Tone | 'accent'
  /** What a pointer shows. */
  readonly title: string
}

export interface ChartSpan {
  readonly from: Date
  readonly to: Date
}

/** What happened when, as marks on lines, one under another. */
export function timeline(
  title: string,
  { from, to }: ChartSpan,
  rows: readonly (readonly Omit<ChartPoint, 'value'>[])[],
): Html {
  const height = rows.length * 24
  const marks = rows.flatMap((points, row) => {
    const y = row * 24 + 12
    const dense = points.length > 60 ? 'dense' : 'dot'
    return [
      markup`<path class="track" d="M0 ${y}H${WIDTH}"/>`,
      ...points.map(
        (point) =>
          markup`<path class="mark ${dense} ${point.tone}" d="M${across(point.time, { from, to })} ${y}h0"><title>${point.title}</title></path>\n`,
      ),
    ]
  })
  return svg(title, { height, className: 'timeline' }, marks)
}

/** Values over time from 0 up: a line, and a dot for each where there are not too many. */
export function series(title: string, span: ChartSpan, points: readonly ChartPoint[], limit?: number): Html {
  const height = 100
  const top = topOf(points, limit)
  const y = (value: number): number => round(height - (Math.max(0, value) / top) * (height - 8) - 4)
  const line = points.map(({ time, value }) => `${across(time, span)} ${y(value)}`)
  const dense = points.length > 60 ? 'dense' : 'dot'
  return svg(title, { height, className: 'series' }, [
    markup`<path class="track" d="M0 ${y(0)}H${WIDTH}"/><path class="grid" d="M0 ${y(top / 2)}H${WIDTH}M0 ${y(top)}H${WIDTH}"/>`,
    ...(limit === undefined ? [] : [markup`<path class="limit" d="M0 ${y(limit)}H${WIDTH}"/>`]),
    ...(line.length > 1 ? [markup`<path class="line" d="M${line.join('L')}"/>`] : []),
    ...points.map(
      (point) =>
        markup`<path class="mark ${dense} ${point.tone}" d="M${across(point.time, span)} ${y(point.value)}h0"><title>${point.title}</title></path>\n`,
    ),
  ])
}

/** The value that stands at the top of `series`. */
export function topOf(points: readonly Pick<ChartPoint, 'value'>[], limit = 0): number {
  return Math.max(limit, ...points.map(({ value }) => value)) || 1
}

/** How much of what is allowed: the mark is the limit, at two thirds of the arc. */
export function gauge(
  title: string,
  { value, limit }: { readonly value: number | undefined; readonly limit: number },
): Html {
  const share = Math.min(1, (value ?? 0) / (limit * 1.5))
  const tone: Tone = value === undefined ? 'none' : value > limit ? 'bad' : 'good'
  const arc = (part: number): string => {
    const [x, y] = onArc(part, 46)
    return `M14 60A46 46 0 0 1 ${x} ${y}`
  }
  const [fromX, fromY] = onArc(2 / 3, 37)
  const [toX, toY] = onArc(2 / 3, 55)
  return markup`<svg class="gauge" viewBox="0 0 120 68" role="img" aria-label="${title}"><title>${title}</title><path class="track" d="${arc(1)}"/>${
    share > 0 ? markup`<path class="value ${tone}" d="${arc(Math.max(0.01, share))}"/>` : undefined
  }<path class="target" d="M${fromX} ${fromY}L${toX} ${toY}"/></svg>`
}

/** A point of the half circle that gauges stand on, from left (0) to right (1). */
function onArc(part: number, radius: number): readonly [number, number] {
  const angle = Math.PI * (1 - part)
  return [round(60 + radius * Math.cos(angle)), round(60 - radius * Math.sin(angle))]
}

function svg(
  title: string,
  { height, className }: { readonly height: number; readonly className: string },
  content: readonly Html[],
): Html {
  return markup`<svg class="${className}" viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" role="img" aria-label="${title}"><title>${title}</title>${content}</svg>`
}

/** A little room on both sides, or the last dot would be cut in half. */
function across(time: Date, { from, to }: ChartSpan): number {
  const whole = Math.max(1, to.getTime() - from.getTime())
  const part = Math.min(1, Math.max(0, (time.getTime() - from.getTime()) / whole))
  return round(8 + part * (WIDTH - 16))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
