import type { Redact } from './log.ts'
import { printableInFence, printableInMarkdown } from './printable.ts'

/** GitHub drops a step's summary that is larger than 1 MiB; some room is left for what else the step writes. */
export const LARGEST_SUMMARY = 1_000_000

/**
 * What a summary is made of. All text in it may be foreign: it is made harmless when it is rendered, and nowhere
 * else.
 */
export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3 | 4; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table'
      readonly columns: readonly Column[]
      readonly rows: readonly (readonly Cell[])[]
    }
  | { readonly kind: 'code'; readonly language: 'bash' | 'text'; readonly lines: readonly string[] }
  /** From `charts.ts`, which makes its labels safe. */
  | { readonly kind: 'chart'; readonly mermaid: readonly string[] }
  | { readonly kind: 'details'; readonly title: string; readonly blocks: readonly Block[] }

export interface Column {
  readonly title: string
  /** Numbers stand to the right. */
  readonly numeric?: boolean
}

/** Text, or a name that is shown as code. */
export type Cell = string | { readonly code: string }

export interface SummaryOptions {
  readonly redact: Redact
  /** Bytes. */
  readonly largest?: number
}

/**
 * Renders Markdown for the job's summary. Where it would grow larger than `largest`, tables are cut, with a row
 * that says so, and then, if need be, the last blocks.
 */
export function renderSummary(
  blocks: readonly Block[],
  { redact, largest = LARGEST_SUMMARY }: SummaryOptions,
): string {
  for (const mostRows of [Number.POSITIVE_INFINITY, 1000, 300, 100, 30, 10]) {
    const markdown = render(blocks, { redact, mostRows })
    if (Buffer.byteLength(markdown) <= largest) return markdown
  }
  const cut = '\n*The rest of this summary is left out: it is too large for GitHub.*\n'
  const kept: string[] = []
  let room = largest - Buffer.byteLength(cut)
  for (const block of blocks) {
    const markdown = render([block], { redact, mostRows: 10 })
    room -= Buffer.byteLength(markdown) + 1
    if (room < 0) break
    kept.push(markdown)
  }
  return `${kept.join('\n')}${cut}`
}

interface Rendering {
  readonly redact: Redact
  readonly mostRows: number
}

function render(blocks: readonly Block[], rendering: Rendering): string {
  return blocks.map((block) => `${renderBlock(block, rendering)}\n`).join('\n')
}

function renderBlock(block: Block, rendering: Rendering): string {
  const text = (foreign: string): string => printableInMarkdown(rendering.redact(foreign))
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${text(block.text)}`
    case 'paragraph':
      return text(block.text)
    case 'list':
      return block.items.map((item) => `- ${text(item)}`).join('\n')
    case 'table':
      return renderTable(block, rendering)
    case 'code':
      return fenced(
        block.language,
        block.lines.map((line) => printableInFence(rendering.redact(line))),
      )
    case 'chart':
      return fenced(
        'mermaid',
        block.mermaid.map((line) => printableInFence(rendering.redact(line))),
      )
    case 'details': {
      const inside = render(block.blocks, rendering)
      return `<details><summary>${text(block.title)}</summary>\n\n${inside}\n</details>`
    }
  }
}

function renderTable(
  { columns, rows }: Extract<Block, { kind: 'table' }>,
  { redact, mostRows }: Rendering,
): string {
  const cell = (content: Cell): string => {
    if (typeof content === 'string') return printableInMarkdown(redact(content))
    const name = printableInMarkdown(redact(content.code))
    return name === '' ? '' : `<code>${name}</code>`
  }
  const shown = rows.slice(0, mostRows)
  const left = rows.length - shown.length
  const lines = [
    columns.map(({ title }) => cell(title)),
    columns.map(({ numeric }) => (numeric ? '---:' : '---')),
    // A row of another length would shift what stands in it.
    ...shown.map((row) => columns.map((_, index) => cell(row[index] ?? ''))),
    ...(left > 0 ? [columns.map((_, index) => (index === 0 ? `… and ${left} more` : ''))] : []),
  ]
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** The fence is longer than any run of backticks inside. */
function fenced(language: string, lines: readonly string[]): string {
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)),
  )
  const fence = '`'.repeat(longest + 1)
  return [`${fence}${language}`, ...lines, fence].join('\n')
}
