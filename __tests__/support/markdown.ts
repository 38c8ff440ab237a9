/** What a page of the documentation consists of, as far as it can be checked. Lines count from 1. */
export interface MarkdownPage {
  readonly headings: readonly Heading[]
  readonly fences: readonly Fence[]
  readonly links: readonly Link[]
  /** Texts between backticks, outside of fences. */
  readonly code: readonly { readonly text: string; readonly line: number }[]
}

export interface Heading {
  readonly level: number
  readonly text: string
  /** What GitHub lets a link jump to. */
  readonly anchor: string
  readonly line: number
}

export interface Fence {
  /** `bash run=by-hand`: the language first. */
  readonly info: string
  readonly text: string
  readonly line: number
}

export interface Link {
  readonly target: string
  readonly line: number
}

/** Reads Markdown as this repository writes it: ATX headings, backtick fences, inline links and definitions. */
export function readMarkdown(source: string): MarkdownPage {
  const headings: Heading[] = []
  const fences: Fence[] = []
  const links: Link[] = []
  const code: { text: string; line: number }[] = []
  const used = new Map<string, number>()
  let open: { info: string; mark: string; lines: string[]; line: number; indent: number } | undefined
  for (const [index, text] of source.split('\n').entries()) {
    const line = index + 1
    const [, indent = '', mark = '', info = ''] = /^( *)(`{3,})(.*)$/.exec(text) ?? []
    if (open) {
      if (mark === open.mark && info.trim() === '') {
        fences.push({ info: open.info, text: `${open.lines.join('\n')}\n`, line: open.line })
        open = undefined
      } else open.lines.push(text.slice(Math.min(open.indent, text.search(/\S|$/))))
      continue
    }
    if (mark !== '') {
      open = { info: info.trim(), mark, lines: [], line, indent: indent.length }
      continue
    }
    const [, hashes, title = ''] = /^(#{1,6}) +(.*?)(?: +#+)?$/.exec(text) ?? []
    if (hashes !== undefined) {
      headings.push({ level: hashes.length, text: title, anchor: unique(slug(title), used), line })
    }
    for (const [, span = ''] of text.matchAll(/(?<!`)`([^`]+)`(?!`)/g)) code.push({ text: span, line })
    const prose = text.replace(/`[^`]*`/g, '``')
    for (const [, target = ''] of prose.matchAll(/\]\(<?([^()\s<>]+(?:\([^()]*\))?)>?(?:\s+"[^"]*")?\)/g)) {
      links.push({ target, line })
    }
    const [, defined] = /^\[[^\]]+\]:\s+(\S+)/.exec(prose) ?? []
    if (defined !== undefined) links.push({ target: defined, line })
  }
  if (open) throw new Error(`The fence of line ${open.line} is never closed.`)
  return { headings, fences, links, code }
}

/** GitHub's own rule: lower case, only letters, digits, `_` and `-` stay, each space becomes a hyphen. */
function slug(title: string): string {
  const shown = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '')
  return shown
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
}

function unique(anchor: string, used: Map<string, number>): string {
  const before = used.get(anchor)
  used.set(anchor, (before ?? 0) + 1)
  return before === undefined ? anchor : `${anchor}-${before}`
}
