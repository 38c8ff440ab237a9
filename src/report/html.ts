import type { Redact } from './log.ts'
import { printableInFence } from './printable.ts'

/** Markup of ours with foreign text in it. The text becomes harmless when it is rendered, and nowhere else. */
export interface Html {
  readonly pieces: readonly ({ readonly markup: string } | { readonly text: string })[]
}

/** What may stand in a template: text of anybody's, markup of ours, several of them, or nothing. */
export type HtmlContent = string | number | Html | undefined | readonly HtmlContent[]

/**
 * `` markup`<td title="${name}">${name}</td>` ``: what stands in the template is HTML, what is put into it is text, also
 * in an attribute, which has to stand in double quotes. Nothing that comes from outside is ever HTML.
 */
export function markup(template: TemplateStringsArray, ...values: readonly HtmlContent[]): Html {
  return {
    pieces: template.flatMap((part, index) => [
      ...(part === '' ? [] : [{ markup: part }]),
      ...(index < values.length ? piecesOf(values[index]) : []),
    ]),
  }
}

/** As a browser takes it: secrets removed from every text, then all made visible and none of it markup. */
export function renderHtml({ pieces }: Html, redact: Redact): string {
  return pieces
    .map((piece) => ('markup' in piece ? piece.markup : escaped(printableInFence(redact(piece.text)))))
    .join('')
}

function piecesOf(value: HtmlContent): Html['pieces'] {
  if (value === undefined || value === '') return []
  if (typeof value === 'string' || typeof value === 'number') return [{ text: value.toString() }]
  return 'pieces' in value ? value.pieces : value.flatMap(piecesOf)
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => REFERENCES[character] ?? '')
}
