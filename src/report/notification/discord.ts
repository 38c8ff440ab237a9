import { shortened, type Notice } from './notice.ts'
import type { Message } from './send.ts'

const LONGEST_TITLE = 256
const LONGEST_DESCRIPTION = 3_000
const LONGEST_VALUE = 500
const COLOURS: Readonly<Record<Notice['tone'], number>> = { good: 0x2e7d32, warning: 0xf9a825, bad: 0xc62828 }

/** A webhook's message as an embed. Nobody is mentioned, and no character of foreign text is Markdown. */
export function discordMessage({ tone, title, paragraphs, facts, link }: Notice): Message {
  const description = paragraphs.map((text) => escaped(text)).join('\n\n')
  const body = {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(escaped(title), LONGEST_TITLE),
        ...(description !== '' && { description: cut(description, LONGEST_DESCRIPTION) }),
        color: COLOURS[tone],
        ...(link !== undefined && { url: link }),
        fields: facts.map(([label, value]) => ({
          name: escaped(label),
          value: cut(escaped(value), LONGEST_VALUE),
          inline: true,
        })),
      },
    ],
  }
  return { contentType: 'application/json', body: JSON.stringify(body) }
}

/** A backslash takes every punctuation its meaning; `@` and `<` are those of mentions, `:` that of links and emojis. */
function escaped(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, (character) =>
    /[,.%/]/.test(character) ? character : `\\${character}`,
  )
}

/** A backslash at the end would take the next character its meaning. */
function cut(text: string, longest: number): string {
  return shortened(text, longest).replace(/\\+…$/, '…')
}
