import { LifeboatError } from '../errors.ts'

/**
 * The address of a Meilisearch server, without a `/` behind it. A path before the API's own stays: some stand behind a
 * proxy. Throws `input`.
 */
export function parseSearchServer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new LifeboatError('input', 'is no address.', {
      hint: 'Write for example https://search.example.com or http://127.0.0.1:7700.',
    })
  }
  if (url.username !== '' || url.password !== '') {
    throw new LifeboatError('input', 'holds a user or password, which Meilisearch does not know.', {
      hint: 'Give the API key in the input of its own, from a secret.',
    })
  }
  if (url.search !== '' || url.hash !== '') {
    throw new LifeboatError('input', 'holds a ? or #.', { hint: 'Write only scheme, host and port.' })
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/**
 * Keys of embedders, a line each: `products.default=sk-…` for the embedder "default" of the index "products". Throws
 * `input`, without a key in it.
 */
export function parseEmbedderKeys(text: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  for (const [place, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const [, name, key] = /^([^=\s.]+\.[^=\s]+)\s*=\s*(\S+)$/.exec(line.trim()) ?? []
    if (name === undefined || key === undefined) {
      throw new LifeboatError('input', `line ${place + 1} is not of the form index.embedder=key.`, {
        hint: 'Write for example products.default=sk-…, each on a line of its own.',
      })
    }
    if (keys.has(name)) throw new LifeboatError('input', `has two keys for ${name}.`, { hint: 'Keep one.' })
    keys.set(name, key)
  }
  return keys
}

/** Every key in it, found without parsing: what is malformed must not be shown either. */
export function embedderKeysIn(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const key = line.slice(line.indexOf('=') + 1).trim()
    return key === '' ? [] : [key]
  })
}
