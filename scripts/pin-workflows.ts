import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { workflowFiles } from './workflows/files.ts'
import { pinned, type Pinned } from './workflows/pin.ts'

/**
 * Sets what workflows and examples refer to in this repository:
 *   node scripts/run.mjs pin-workflows action|workflow owner/name <commit> <label>
 * A release does it with the commits that it makes; between releases it follows main by hand.
 */
const checkout = resolve(import.meta.dirname, '..')
const [what = '', repository = '', commit = '', label = ''] = process.argv.slice(2)
if (!isPinned(what) || !/^[\w.-]+\/[\w.-]+$/.test(repository) || label === '') {
  throw new Error('Write: pin-workflows action|workflow owner/name <commit> <label>')
}
for (const path of workflowFiles(checkout)) {
  const text = await readFile(join(checkout, path), 'utf8')
  await writeFile(join(checkout, path), pinned(text, what, { repository, commit, label }))
}

function isPinned(text: string): text is Pinned {
  return text === 'action' || text === 'workflow'
}
