/** `products` becomes `products-lifeboat-20261122T021500Z-1a2b3c`: whoever finds it knows what it is and how old. */
export function freshName(uid: string, now: Date, random: string): string {
  return `${uid}-lifeboat-${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${random}`
}

/** Whether a name is one of those, for that uid. */
export function isFreshName(name: string, uid: string): boolean {
  return name.startsWith(uid) && /^-lifeboat-\d{8}T\d{6}Z-[0-9a-f]{6}$/.test(name.slice(uid.length))
}
