import { LifeboatError } from '../errors.ts'
import type { InspectedArchive } from './inspect-archive.ts'

/** How many indexes a failure names. */
const SHOWN = 20

/**
 * The archive with those indexes alone that `only` asks for, by uid or with `*` for anything (`articles-*`); all of them
 * where it is empty. Throws `input` where a pattern is of none.
 */
export function chooseIndexes(archive: InspectedArchive, only: readonly string[]): InspectedArchive {
  if (only.length === 0) return archive
  const uids = archive.indexes.map(({ uid }) => uid)
  const chosen = new Set<string>()
  for (const pattern of only) {
    const matching = uids.filter((uid) => matches(uid, pattern))
    if (matching.length === 0) throw noMatch(pattern, uids)
    for (const uid of matching) chosen.add(uid)
  }
  return { ...archive, indexes: archive.indexes.filter(({ uid }) => chosen.has(uid)) }
}

/** `pattern` holds nothing but what uids are made of, and `*`. */
function matches(uid: string, pattern: string): boolean {
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(uid)
}

function noMatch(pattern: string, uids: readonly string[]): LifeboatError {
  const more = uids.length > SHOWN ? ` and ${uids.length - SHOWN} more` : ''
  const there = uids.length === 0 ? 'none' : `${uids.slice(0, SHOWN).join(', ')}${more}`
  return new LifeboatError(
    'input',
    `only: there is no index "${pattern}" in the dump; nothing was touched.`,
    {
      hint: `It has: ${there}.`,
    },
  )
}
