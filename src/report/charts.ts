import { printable } from './printable.ts'

export interface Slice {
  readonly label: string
  /** Not negative. */
  readonly value: number
}

/** More bars or slices than this cannot be told apart. */
const MOST = 12

/** The lines of a Mermaid pie; undefined where there is nothing to show. What is too much becomes `others`. */
export function pie(title: string, slices: readonly Slice[]): string[] | undefined {
  const shown = gathered(slices.filter(({ value }) => value > 0 && Number.isFinite(value)))
  if (shown.length < 2) return undefined
  return [
    'pie showData',
    `  title ${label(title)}`,
    ...shown.map((each) => `  "${label(each.label)}" : ${number(each.value)}`),
  ]
}

/** The lines of a Mermaid bar chart; undefined where there is nothing to show. */
export function bars(title: string, axis: string, slices: readonly Slice[]): string[] | undefined {
  const shown = slices.filter(({ value }) => value >= 0 && Number.isFinite(value)).slice(0, MOST)
  if (shown.every(({ value }) => value === 0)) return undefined
  return [
    'xychart-beta',
    `  title "${label(title)}"`,
    `  x-axis [${shown.map((each) => `"${label(each.label)}"`).join(', ')}]`,
    `  y-axis "${label(axis)}"`,
    `  bar [${shown.map(({ value }) => number(value)).join(', ')}]`,
  ]
}

function gathered(slices: readonly Slice[]): readonly Slice[] {
  const sorted = [...slices].sort((a, b) => b.value - a.value)
  if (sorted.length <= MOST) return sorted
  const rest = sorted.slice(MOST - 1)
  return [
    ...sorted.slice(0, MOST - 1),
    { label: 'others', value: rest.reduce((sum, { value }) => sum + value, 0) },
  ]
}

/** Mermaid has no way to escape that all of its diagrams know: letters, digits and a few signs stay. */
function label(text: string): string {
  const safe = printable(text)
    .replace(/[^\p{L}\p{N} ._/()-]/gu, '·')
    .trim()
  const characters = Array.from(safe)
  return (characters.length > 40 ? `${characters.slice(0, 39).join('')}…` : safe) || '·'
}

/** Without an exponent, which Mermaid does not read. */
function number(value: number): string {
  return value.toFixed(2).replace(/\.?0+$/, '')
}
