/** What PostgreSQL writes for an array or a row: text, NULL, or, in an array, more of them. */
export type Element = string | null | readonly Element[]

/**
 * Takes the text form of an array apart: `{1,"a b",NULL,{…}}`, with or without bounds before it (`[0:1]={…}`).
 * `delimiter` is a comma for every type of PostgreSQL's own but `box`.
 */
export function parseArray(text: string, delimiter = ','): readonly Element[] {
  const start = text.indexOf('{')
  if (start < 0) throw new TypeError('no text form of an array')
  const reader = { text, at: start + 1 }
  return readArray(reader, delimiter)
}

/** Takes the text form of a row apart: `(1,"a b",,"say ""hi""")`. What stands for NULL is nothing at all. */
export function parseRow(text: string): readonly (string | null)[] {
  const reader = { text, at: 1 }
  const fields: (string | null)[] = []
  // A row without columns; one with a single NULL looks the same, and no type has no columns.
  for (;;) {
    const end = reader.text[reader.at]
    if (end === ',' || end === ')') fields.push(null)
    else fields.push(readField(reader, ',)'))
    if (reader.text[reader.at] !== ',') return fields
    reader.at += 1
  }
}

interface Reader {
  readonly text: string
  at: number
}

function readArray(reader: Reader, delimiter: string): readonly Element[] {
  const elements: Element[] = []
  while (reader.at < reader.text.length) {
    const next = reader.text[reader.at]
    if (next === '}') {
      reader.at += 1
      return elements
    }
    if (next === delimiter) reader.at += 1
    else if (next === '{') {
      reader.at += 1
      elements.push(readArray(reader, delimiter))
    } else if (next === '"') elements.push(readField(reader, `${delimiter}}`))
    else {
      const plain = readField(reader, `${delimiter}}`)
      elements.push(plain === 'NULL' ? null : plain)
    }
  }
  throw new TypeError('the text form of an array ends too early')
}

/** Up to one of `ends`, which it leaves; a quote within quotes is doubled (rows) or behind a backslash (arrays). */
function readField(reader: Reader, ends: string): string {
  const { text } = reader
  let value = ''
  let quoted = false
  for (; reader.at < text.length; reader.at++) {
    const character = text[reader.at] ?? ''
    if (character === '\\') {
      reader.at += 1
      value += text[reader.at] ?? ''
    } else if (character === '"') {
      if (quoted && text[reader.at + 1] === '"') {
        value += '"'
        reader.at += 1
      } else quoted = !quoted
    } else if (!quoted && ends.includes(character)) return value
    else value += character
  }
  throw new TypeError('a text form ends too early')
}
