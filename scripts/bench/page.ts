import { readFile, writeFile } from 'node:fs/promises'

/** Replaces what stands between the two markers of a block of a page. Throws where they are missing. */
export async function writeBlock(path: string, block: string, report: string): Promise<void> {
  const [beginning, ending] = [`<!-- bench: ${block} -->`, `<!-- /bench: ${block} -->`]
  const page = await readFile(path, 'utf8')
  const [begin, end] = [page.indexOf(beginning), page.indexOf(ending)]
  if (begin < 0 || end < begin) throw new Error(`${path} has no ${beginning} … ${ending}`)
  await writeFile(path, `${page.slice(0, begin + beginning.length)}\n\n${report}\n\n${page.slice(end)}`)
}
