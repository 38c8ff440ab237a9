import { readFile, writeFile } from 'node:fs/promises'

const BEGIN = '<!-- bench -->'
const END = '<!-- /bench -->'

/** Replaces what stands between the two markers of a page. Throws where they are missing. */
export async function writePage(path: string, report: string): Promise<void> {
  const page = await readFile(path, 'utf8')
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${path} has no ${BEGIN} … ${END}`)
  await writeFile(path, `${page.slice(0, begin + BEGIN.length)}\n\n${report}\n\n${page.slice(end)}`)
}
