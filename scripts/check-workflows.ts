import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { workflowProblems } from './workflows/check-inputs.ts'
import { workflowFiles } from './workflows/files.ts'
import { loadLanguageService } from './workflows/language-service.ts'

/** Every workflow and example, and action.yml itself, past GitHub's language service: needs nothing but npm. */
const checkout = resolve(import.meta.dirname, '..')
const editor = await loadLanguageService(checkout)
const read = (path: string): Promise<string> => readFile(join(checkout, path), 'utf8')
const files = ['action.yml', ...workflowFiles(checkout)]
let problems = 0
for (const path of files) {
  for (const problem of await workflowProblems(editor, { path, text: await read(path) }, read)) {
    console.error(problem)
    problems += 1
  }
}
if (problems > 0) process.exitCode = 1
else console.log(`GitHub's language service finds nothing wrong in ${files.length} files.`)
