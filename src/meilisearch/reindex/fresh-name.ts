/** What Meilisearch takes, whatever it says. */
const LONGEST_UID = 400
const ENDING = '-lifeboat-20261122T021500Z-1a2b3c'

/**
 * `products` becomes `products-lifeboat-20261122T021500Z-1a2b3c`: whoever finds it knows what it is and how old. A uid
 * that leaves no room for that is cut.
 */
export function freshName(uid: string, now: Date, random: string): string {
  return `${stem(uid)}-lifeboat-${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${random}`
}

/** Whether a name is one of those, for that uid. */
export function isFreshName(name: string, uid: string): boolean {
  const beginning = stem(uid)
  return (
    name.startsWith(beginning) && /^-lifeboat-\d{8}T\d{6}Z-[0-9a-f]{6}$/.test(name.slice(beginning.length))
  )
}

function stem(uid: string): string {
  return uid.slice(0, LONGEST_UID - ENDING.length)
}
