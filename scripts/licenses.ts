import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The licence texts of the packages that a bundle holds; `packages` are folders of `node_modules`. */
export async function licenses(checkout: string, packages: readonly string[]): Promise<string> {
  const chapters = await Promise.all(
    packages.map((name) => chapter(join(checkout, 'node_modules', name), name)),
  )
  return chapters.filter((text) => text !== undefined).join('\n')
}

async function chapter(folder: string, name: string): Promise<string | undefined> {
  const files = await readdir(folder).catch((): string[] => [])
  if (!files.includes('package.json')) return undefined
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly version?: string
    readonly license?: string
  }
  const file = files.filter((each) => /^(licen[cs]e|copying)(\.|$)/i.test(each)).sort()[0]
  const text =
    file === undefined ? 'No licence text in the package.' : await readFile(join(folder, file), 'utf8')
  const title = `${name} ${about.version ?? ''} (${about.license ?? 'licence not stated'})`
  return `${title}\n${'-'.repeat(title.length)}\n${text.replace(/\r\n/g, '\n').trim()}\n`
}
