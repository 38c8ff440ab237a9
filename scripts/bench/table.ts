export type Align = 'left' | 'right'

/** A Markdown table that reads as one on a terminal too: padded as prettier would do it. */
export function table(
  head: readonly string[],
  align: readonly Align[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const padded = (row: readonly string[]): string =>
    line(
      widths.map((width, column) =>
        align[column] === 'right' ? (row[column] ?? '').padStart(width) : (row[column] ?? '').padEnd(width),
      ),
    )
  const rule = line(
    widths.map((width, column) =>
      align[column] === 'right' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
    ),
  )
  return [padded(head), rule, ...rows.map(padded)].join('\n')
}
