import { markup, type Html, type HtmlContent } from './html.ts'

/** How something stands; each has a colour, a sign and a word, so that nobody depends on the colour. */
export type Tone = 'good' | 'bad' | 'warn' | 'none'

const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✕', warn: '!', none: '–' }

/** A pill: sign and word. */
export function badge(tone: Tone, word: string): Html {
  return markup`<span class="badge ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${word}</span>`
}

export interface HtmlColumn {
  readonly title: string
  readonly numeric?: boolean
}

/** A table; on a narrow screen each row becomes a card that names its columns. The first cell heads its row. */
export function table(
  columns: readonly HtmlColumn[],
  rows: readonly (readonly HtmlContent[])[],
  caption?: string,
): Html {
  const kinds = columns.map(({ numeric }) => (numeric === true ? 'number' : 'text'))
  const cell = (content: HtmlContent, index: number): Html =>
    index === 0
      ? markup`<th scope="row" class="${kinds[0]}">${content}</th>`
      : markup`<td class="${kinds[index]}" data-label="${columns[index]?.title}">${content}</td>`
  const head = columns.map(
    ({ title }, index) => markup`<th scope="col" class="${kinds[index]}">${title}</th>`,
  )
  return markup`<table>${caption === undefined ? undefined : markup`<caption>${caption}</caption>`}
<thead><tr>${head}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${row.map(cell)}</tr>\n`)}</tbody></table>`
}

/** Names and what they stand for. */
export function facts(pairs: readonly (readonly [string, HtmlContent])[]): Html {
  const each = pairs.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)
  return markup`<dl class="facts">${each}</dl>`
}

/** Sentences to be known, and nothing to be done about. */
export function list(sentences: readonly string[]): Html {
  return markup`<ul class="notes">${sentences.map((sentence) => markup`<li>${sentence}</li>\n`)}</ul>`
}

/** Lines of a shell, to be copied. They wrap rather than leave the page. */
export function code(lines: readonly string[]): Html {
  // A break in a text is shown as a sign; these are ours.
  return markup`<pre><code>${lines.map((line) => markup`${line}\n`)}</code></pre>`
}

/** One card of a row of figures. */
export function tile(
  title: string,
  { value, note, tone }: { readonly value: HtmlContent; readonly note?: HtmlContent; readonly tone: Tone },
): Html {
  const body = markup`<p class="value">${value}</p><p class="note">${note}</p>`
  return markup`<div class="tile ${tone}"><h3>${title}</h3>${body}</div>\n`
}

/** Something to be acted on: what happened, and what to do. */
export function alarm(
  tone: 'bad' | 'warn',
  { title, text, hint }: Readonly<Record<'title' | 'text', HtmlContent> & { hint?: HtmlContent }>,
): Html {
  const todo =
    hint === undefined ? undefined : markup`<p class="hint"><strong>What to do:</strong> ${hint}</p>`
  return markup`<li class="alarm ${tone}"><h3>${title}</h3><p>${text}</p>${todo}</li>\n`
}

export function section(title: HtmlContent, content: HtmlContent, intro?: HtmlContent): Html {
  const lead = intro === undefined ? undefined : markup`<p class="intro">${intro}</p>`
  return markup`<section><h2>${title}</h2>${lead}\n${content}</section>\n`
}

/** What is shown on demand, and on paper. */
export function details(
  title: HtmlContent,
  content: HtmlContent,
  options: { readonly open?: boolean } = {},
): Html {
  const body = markup`<summary>${title}</summary><div class="inside">${content}</div></details>\n`
  return options.open === true ? markup`<details open>${body}` : markup`<details>${body}`
}
