import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface AptSource {
  readonly uri: string
  readonly suites: readonly string[]
  readonly components: readonly string[]
  /** Path of a keyring. */
  readonly signedBy?: string
}

/** The archives this machine already trusts, from `sources.list` and `sources.list.d`. */
export async function aptSources(folder = '/etc/apt'): Promise<readonly AptSource[]> {
  const parts = join(folder, 'sources.list.d')
  const files = [
    join(folder, 'sources.list'),
    ...(await readdir(parts)).sort().map((file) => join(parts, file)),
  ]
  const sources = await Promise.all(
    files.map(async (file) => {
      if (file.endsWith('.sources')) return parseDeb822(await readFile(file, 'utf8'))
      if (!file.endsWith('.list')) return []
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        // Machines with the newer format have no sources.list at all.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
        throw error
      })
      return parseOneLine(text)
    }),
  )
  return sources.flat()
}

/** `deb [signed-by=/path] <uri> <suite> <component>…` */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line)
    const [, options = '', uri, suite, components = ''] = match ?? []
    if (uri === undefined || suite === undefined) return []
    const signedBy = /signed-by=(\S+)/.exec(options)?.[1]
    return [
      { uri, suites: [suite], components: words(components), ...(signedBy !== undefined && { signedBy }) },
    ]
  })
}

/** Paragraphs of `Types:`, `URIs:`, `Suites:`, `Components:`, `Signed-By:`. */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const lines = paragraph.split('\n').filter((line) => !line.startsWith('#'))
    const field = (name: string): string =>
      lines
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim() ?? ''
    if (!words(field('types')).includes('deb') || field('enabled') === 'no') return []
    const signedBy = field('signed-by')
    return words(field('uris')).map((uri) => ({
      uri,
      suites: words(field('suites')),
      components: words(field('components')),
      ...(signedBy.startsWith('/') && { signedBy }),
    }))
  })
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')
