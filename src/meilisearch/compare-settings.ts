import { membersOf } from './json-text.ts'
import { nameOf } from './json-members.ts'
import { canonicalJson, withoutEmbedderKeys } from './settings-text.ts'

export interface SettingDifference {
  readonly field: string
  readonly expected: string
  readonly found: string
}

/** Objects of a fixed form: what an older dump does not say of them, the server fills in. */
const FORMS = ['typoTolerance', 'faceting', 'pagination', 'chat']

/** What was sent as settings, keys of embedders aside, and is not what the server shows. Fields that were not sent are its own. */
export function compareSettings(sent: Uint8Array, shown: Uint8Array): SettingDifference[] {
  const [wanted, is] = [fieldsOf(withoutKeys(sent)), fieldsOf(withoutKeys(shown))]
  return [...wanted].flatMap(([field, expected]) => {
    const found = is.get(field)
    if (found !== undefined && holds(field, expected, found)) return []
    return [{ field, expected, found: found ?? 'not there' }]
  })
}

function holds(field: string, expected: string, found: string): boolean {
  if (expected === found) return true
  if (FORMS.includes(field)) return isWithin(expected, found)
  if (field !== 'embedders') return false
  const [wanted, is] = [fieldsOf(Buffer.from(expected)), fieldsOf(Buffer.from(found))]
  return (
    wanted.size === is.size && [...wanted].every(([name, embedder]) => isWithin(embedder, is.get(name) ?? ''))
  )
}

/** Whether every member of `part` is in `whole` too, objects member by member; null says as much as nothing. */
function isWithin(part: string, whole: string): boolean {
  if (part === whole) return true
  if (!part.startsWith('{') || !whole.startsWith('{')) return false
  const is = fieldsOf(Buffer.from(whole))
  return [...fieldsOf(Buffer.from(part))].every(
    ([name, value]) => (value === 'null' && !is.has(name)) || isWithin(value, is.get(name) ?? ''),
  )
}

function withoutKeys(json: Uint8Array): Buffer {
  return Buffer.from(withoutEmbedderKeys(json).json)
}

/** Members by name, each in canonical form. */
function fieldsOf(object: Buffer): ReadonlyMap<string, string> {
  if (!/^\s*\{/.test(object.toString('utf8'))) return new Map()
  return new Map(
    membersOf(object).map(({ key, value }) => [nameOf(object, key), canonicalJson(object, value)]),
  )
}
