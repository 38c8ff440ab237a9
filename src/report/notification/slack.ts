import { shortened, type Notice } from './notice.ts'
import type { Message } from './send.ts'

const LONGEST_TITLE = 150
const LONGEST_SECTION = 3_000
const SIGNS: Readonly<Record<Notice['tone'], string>> = { good: '✅', warning: '⚠️', bad: '❌' }

/**
 * An incoming webhook's message. Foreign text stands in plain text objects, in which Slack knows neither links nor
 * mentions nor formatting; `&`, `<` and `>`, which mean something even there, are written as it asks for.
 */
export function slackMessage({ tone, title, paragraphs, facts, link }: Notice): Message {
  const heading = `${SIGNS[tone]} ${title}`
  const section = (text: string): object => ({ type: 'section', text: plain(text, LONGEST_SECTION) })
  const body = {
    // For notifications and old clients; without mrkdwn no character of it is formatting.
    text: escaped(heading),
    mrkdwn: false,
    blocks: [
      { type: 'header', text: plain(heading, LONGEST_TITLE) },
      ...paragraphs.map(section),
      ...(facts.length === 0
        ? []
        : [section(facts.map(([label, value]) => `${label}: ${value}`).join('\n'))]),
      ...(link === undefined
        ? []
        : [{ type: 'section', text: { type: 'mrkdwn', text: `<${link}|Look at the run>` } }]),
    ],
  }
  return { contentType: 'application/json', body: JSON.stringify(body) }
}

function plain(text: string, longest: number): object {
  // The references make it longer, by five characters at most each.
  let kept = text
  while (escaped(kept).length > longest) kept = shortened(kept, Math.floor(Array.from(kept).length * 0.9))
  return { type: 'plain_text', emoji: false, text: escaped(kept) }
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
