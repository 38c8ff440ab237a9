/** What cannot be seen or changes how its neighbours look: controls, ANSI's among them, bidi, line separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u001b': '\\e',
}

/** A line beyond it is cut: one message must not fill a log. */
const LONGEST = 10_000

/**
 * Makes text from outside (names of tables, messages of servers) harmless for one line of a log; whatever it
 * holds, the result is one line, and no runner takes it for a command. The runner looks for `::` behind leading
 * white space and for `##[` anywhere; both are broken up by a backslash that everybody can see.
 */
export function printable(text: string): string {
  return withoutCommands(visible(shortened(text)))
}

/**
 * The same for a cell of a Markdown table, a heading or a paragraph of the summary: punctuation that Markdown,
 * HTML or GitHub could take for its own becomes character references, which never have a meaning of their own.
 */
export function printableInMarkdown(text: string): string {
  return printable(text)
    .replace(/^\s+|\s+$/g, '')
    .replace(/[!-/:-@[-`{-~]/g, (character, index: number, whole: string) =>
      isPlain(character, whole[index - 1] ?? '', whole[index + 1] ?? '', whole.slice(0, index))
        ? character
        : reference(character),
    )
}

/** The same for a fenced block of the summary, where only line breaks and fences mean anything. */
export function printableInFence(text: string): string {
  return visible(shortened(text))
}

function shortened(text: string): string {
  if (text.length <= LONGEST) return text
  // Cut between characters: half a surrogate pair would be shown as an escape.
  const kept = text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '')
  return `${kept}… (${text.length - kept.length} more characters)`
}

function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const short = SHORT_ESCAPES[character]
    if (short !== undefined) return short
    const code = (character.codePointAt(0) ?? 0).toString(16)
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`
  })
}

function withoutCommands(line: string): string {
  return line.replace(/^(\s*)::/, '$1\\::').replace(/##\[/g, '#\\#[')
}

/** Punctuation that is left as it is where it cannot mean anything, so that the source stays readable. */
function isPlain(character: string, before: string, after: string, ahead: string): boolean {
  const inWord = /[A-Za-z0-9]/.test(before) && /[A-Za-z0-9]/.test(after)
  if (character === ',' || character === '%') return true
  // `www.` begins a link, `1.` a list.
  if (character === '.')
    return !/www$/i.test(ahead) && !/^\d+$/.test(ahead.trim() + (/\s/.test(after) || after === '' ? '' : 'x'))
  if (character === '/') return /[A-Za-z0-9]/.test(before)
  if (character === ':') return /\d/.test(before) && /\d/.test(after)
  return (character === '-' || character === '_') && inWord
}

/** A lone `@` in an element of its own mentions nobody and ends no mail address. */
function reference(character: string): string {
  const code = `&#${character.charCodeAt(0)};`
  return character === '@' ? `<span>${code}</span>` : code
}
