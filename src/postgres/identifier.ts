/**
 * Where our own statements look names up. `pg_temp` is named so that it comes last: where it is not, it is searched
 * first for tables and types, before PostgreSQL's own.
 */
export const OWN_PATH = 'pg_catalog, pg_temp'

/** Always quoted: a keyword or an upper-case letter is then no special case. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function qualified(schema: string, name: string): string {
  return `${identifier(schema)}.${identifier(name)}`
}

/** A string constant, whatever `standard_conforming_strings` is. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? `E${quoted}` : quoted
}
