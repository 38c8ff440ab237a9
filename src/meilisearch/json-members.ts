import { membersOf, textOf, type Span } from './json-text.ts'

/** JSON objects that are changed member by member; what is not changed stays as it was written. */

/** `change` gives the new text of a value, or undefined to take the member out. */
export function mapMembers(
  object: Uint8Array,
  change: (name: string, value: Buffer) => string | undefined,
): string {
  const members = membersOf(object).flatMap(({ key, value }) => {
    const text = change(nameOf(object, key), Buffer.from(textOf(object, value)))
    return text === undefined ? [] : [`${textOf(object, key)}:${text}`]
  })
  return `{${members.join(',')}}`
}

/** The object with that member: in the place of the one of that name, or behind all others. */
export function withMember(object: Uint8Array, name: string, text: string): string {
  const changed = mapMembers(object, (each, value) => (each === name ? text : value.toString('utf8')))
  if (membersOf(object).some(({ key }) => nameOf(object, key) === name)) return changed
  const member = `${JSON.stringify(name)}:${text}`
  return changed === '{}' ? `{${member}}` : changed.replace(/\}$/, () => `,${member}}`)
}

/** The object without that member, and what its value was. */
export function withoutMember(
  object: Uint8Array,
  name: string,
): { readonly rest: string; readonly value: string | undefined } {
  let found: string | undefined
  const rest = mapMembers(object, (each, value) => {
    if (each !== name) return value.toString('utf8')
    found = value.toString('utf8')
    return undefined
  })
  return { rest, value: found }
}

/** What a key says, without its quotes. */
export function nameOf(bytes: Uint8Array, key: Span): string {
  return JSON.parse(textOf(bytes, key)) as string
}
