import { shortened, type Notice } from './notice.ts'
import type { Message } from './send.ts'

const LONGEST = 2_000
const COLOURS: Readonly<Record<Notice['tone'], string>> = {
  good: 'good',
  warning: 'warning',
  bad: 'attention',
}

/**
 * An adaptive card, as a workflow of Teams (Power Automate) posts it. Foreign text stands in runs of rich text, in
 * which there is neither Markdown nor a link.
 */
export function teamsMessage({ tone, title, paragraphs, facts, link }: Notice): Message {
  const text = (inlines: readonly object[]): object => ({ type: 'RichTextBlock', inlines })
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      text([run(title, { weight: 'bolder', size: 'medium', color: COLOURS[tone] })]),
      ...paragraphs.flatMap((paragraph) => paragraph.split('\n').map((line) => text([run(line)]))),
      ...facts.map(([label, value]) => text([run(`${label}: `, { weight: 'bolder' }), run(value)])),
    ],
    ...(link !== undefined && { actions: [{ type: 'Action.OpenUrl', title: 'Look at the run', url: link }] }),
  }
  const attachment = {
    contentType: 'application/vnd.microsoft.card.adaptive',
    contentUrl: null,
    content: card,
  }
  const body = JSON.stringify({ type: 'message', attachments: [attachment] })
  return { contentType: 'application/json', body }
}

/** `{{DATE(…)}}` is a function of Teams in any text: the braces are held apart by a space without width. */
function run(text: string, style: Readonly<Record<string, string>> = {}): object {
  const harmless = shortened(text, LONGEST).replace(/(?<=\{)\{|(?<=\})\}/g, (brace) => `\u200b${brace}`)
  return { type: 'TextRun', text: harmless, ...style }
}
