import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The licence texts of the packages that a bundle holds, each text once; `packages` are folders of `node_modules`. */
export async function licenses(checkout: string, packages: readonly string[]): Promise<string> {
  const found = await Promise.all(
    packages.map((name) => licenseOf(join(checkout, 'node_modules', name), name)),
  )
  const titles = new Map<string, string[]>()
  for (const { title, text } of found.flat()) titles.set(text, [...(titles.get(text) ?? []), title])
  const chapters = [...titles].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`)
  return chapters.join(`\n${'-'.repeat(80)}\n\n`)
}

async function licenseOf(
  folder: string,
  name: string,
): Promise<readonly { readonly title: string; readonly text: string }[]> {
  const files = await readdir(folder).catch((): string[] => [])
  if (!files.includes('package.json')) return []
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly version?: string
    readonly license?: string
  }
  const file = files.filter((each) => /^(licen[cs]e|copying)(\.|$)/i.test(each)).sort()[0]
  const text =
    file === undefined ? 'The package has no licence text.' : await readFile(join(folder, file), 'utf8')
  const title = `${name} ${about.version ?? ''} (${about.license ?? 'licence not stated'})`
  return [{ title, text: text.replace(/\r\n/g, '\n').trim() }]
}
