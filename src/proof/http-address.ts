/** What is wrong with an address that a check asks; undefined where nothing is. Never repeats it. */
export function httpProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is no address: write https://shop.example.com/'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    return 'holds a user name or a password: name a page that needs none'
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return undefined
  return 'is not encrypted: write https://, http:// is taken for this machine only'
}

/** Without its query, where a key may stand. */
export function shownAddress(text: string): string {
  const { origin, pathname } = new URL(text)
  return `${origin}${pathname}`
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(host)
  )
}
