const MASK = '***'

/** What is shorter is part of ordinary text: masked, it would eat into every line. */
const SHORTEST = 4

/**
 * What a runner is told to mask of these secrets. It masks every line of what it is given, so that the `}` of a key in
 * JSON would be gone from the whole log: it is given those lines that are long enough. A secret that is too short as a
 * whole is masked nowhere, and warned of when the inputs are read.
 */
export function maskable(secrets: readonly string[]): string[] {
  return secrets.flatMap(linesOf).filter(isLong)
}

function linesOf(secret: string): string[] {
  return secret.split(/[\r\n]+/).map((line) => line.trim())
}

function isLong(text: string): boolean {
  return text.length >= SHORTEST
}

/**
 * Replaces every secret by `***`, longest first: as it is, line by line, percent-encoded and decoded, as JSON
 * and shell write it, and in base64; nothing shorter than four characters. It never fails and holds whatever the text.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const forms = new Set<string>()
  for (const secret of secrets) {
    for (const form of [secret, ...derivedForms(secret)]) {
      if (isLong(form) && !MASK.includes(form)) forms.add(form)
    }
  }
  const longestFirst = [...forms].sort((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((masked, form) => masked.replaceAll(form, MASK), text)
}

function derivedForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  // Through the buffer, for encodeURIComponent throws on half a surrogate pair.
  const percent = encodeURIComponent(bytes.toString('utf8'))
  // Like encodeURIComponent, and also what RFC 3986 reserves.
  const strict = percent.replace(/[!'()*]/g, (character) => `%${hex(character)}`)
  return [
    ...linesOf(secret),
    percent,
    strict,
    percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    strict.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    percent.replaceAll('%20', '+'),
    decoded(secret),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", "'\\''"),
    secret.replaceAll("'", "''"),
    // Without the padding both spellings of the end are found.
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase()
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone %: there is no decoded form.
    return text
  }
}
