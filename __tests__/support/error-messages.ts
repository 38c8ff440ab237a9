import ts from 'typescript'

/** What is put in when an error happens. */
const OPEN = '…'

/** What is written where an expected error is made; `…` stands for what is put in when it happens. */
export interface ErrorMessage {
  readonly code: string
  readonly message: string
  readonly line: number
}

/**
 * Every message in a source file: of a call or `new` that is given one of `codes` and, behind it, the message. One that
 * is put together elsewhere has no words of its own, and is left out.
 */
export function errorMessages(source: string, codes: ReadonlySet<string>): ErrorMessage[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest)
  const found: ErrorMessage[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const args = node.arguments ?? []
      for (const [index, each] of args.entries()) {
        const next = args[index + 1]
        if (!next || !ts.isStringLiteral(each) || !codes.has(each.text)) continue
        const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
        for (const text of textsOf(next)) {
          // A single word is no message: `plural(count, 'breach', 'breaches')`.
          if (!/\p{L}.* /u.test(text)) continue
          // What begins in lower case stands behind something that is said first.
          found.push({ code: each.text, message: /^\p{Ll}/u.test(text) ? `${OPEN} ${text}` : text, line })
        }
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** The texts that an expression can have, the first line of each. */
function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [firstLine(node.text)]
  if (ts.isTemplateExpression(node)) {
    return [
      firstLine(
        node.templateSpans.reduce((text, span) => `${text}${OPEN}${span.literal.text}`, node.head.text),
      ),
    ]
  }
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression)
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)]
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return textsOf(node.left).flatMap((left) => textsOf(node.right).map((right) => `${left}${right}`))
  }
  // `[first, ...more].join('\n')`
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression: list, name } = node.expression
    const [first] = ts.isArrayLiteralExpression(list) ? list.elements : []
    if (name.text === 'join' && first && !ts.isSpreadElement(first)) return textsOf(first)
  }
  return [OPEN]
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** So many words in common make an entry that of a message, where the message has so many. */
const ENOUGH = 3

/**
 * Whether somebody who searches for the beginning of a message finds `entry`: both may leave things open (`…`), the entry
 * may end early, and they share words.
 */
export function describes(entry: string, message: string): boolean {
  return isDescribed(wordsOf(message), wordsOf(entry))
}

/** The messages that none of `entries` describes. */
export function undescribed<T extends ErrorMessage>(messages: readonly T[], entries: readonly string[]): T[] {
  const given = entries.map(wordsOf)
  return messages.filter(({ message }) => {
    const wanted = wordsOf(message)
    return !given.some((entry) => isDescribed(wanted, entry))
  })
}

function isDescribed(wanted: readonly string[], given: readonly string[]): boolean {
  const own = wanted.filter((word) => word !== OPEN).length
  return commonWords(wanted, given) >= Math.min(ENOUGH, own)
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).flatMap((word) => {
    if (/…|\.\.\./.test(word)) return [OPEN]
    const bare = word.replace(/[^\p{L}\p{N}-]/gu, '').toLowerCase()
    return bare === '' ? [] : [bare]
  })
}

const IMPOSSIBLE = Number.NEGATIVE_INFINITY

/** The most words that both can share when each `…` is filled in well; less than 0: they say different things. */
function commonWords(message: readonly string[], entry: readonly string[]): number {
  // What the rest of both shares, from the ends to the beginnings. Where the entry has ended, nothing more; it may end early.
  let later = entry.map((_, of) => (entry.slice(of).every((word) => word === OPEN) ? 0 : IMPOSSIBLE))
  for (const word of message.toReversed()) {
    const now: number[] = []
    for (let of = entry.length - 1; of >= 0; of -= 1) {
      const [without, next, both] = [later[of] ?? 0, now[of + 1] ?? 0, later[of + 1] ?? 0]
      // An open place takes in nothing, or one more word of the other's.
      if (word === OPEN || entry[of] === OPEN) now[of] = Math.max(without, next)
      else now[of] = word === entry[of] ? 1 + both : IMPOSSIBLE
    }
    later = now
  }
  return later[0] ?? 0
}
