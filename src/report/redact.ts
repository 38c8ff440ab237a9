const MASK = '***'

/** From here on a form that is only derived from a secret is unlikely to be part of ordinary text. */
const SHORTEST_DERIVED = 4

/**
 * Replaces every secret by `***`, longest first: as it is, line by line, percent-encoded and decoded, as JSON
 * and shell write it, and in base64. It never fails and holds whatever the text.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const forms = new Set<string>()
  for (const secret of secrets) {
    for (const form of [secret, ...derivedForms(secret)]) {
      if (form !== '' && !MASK.includes(form)) forms.add(form)
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
    ...secret.split(/\r\n|[\r\n]/),
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
  ].filter((form) => form.length >= SHORTEST_DERIVED)
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
