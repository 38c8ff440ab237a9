import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import './check-workflows.ts'
import { workflowTool } from './workflow-tools.mjs'
import { workflowFiles } from './workflows/files.ts'

/** All workflows past everything that reads them: GitHub's language service, actionlint, zizmor. */
const checkout = resolve(import.meta.dirname, '..')
const files = workflowFiles(checkout)
lint('actionlint', files)
// Not --offline alone: it must not ask GitHub even where a token is at hand, and a file that it can't read fails.
lint('zizmor', ['--offline', '--no-progress', '--strict-collection', 'action.yml', '.github', 'examples'])

function lint(name: string, args: readonly string[]): void {
  const { status, error } = spawnSync(workflowTool(name), args, { cwd: checkout, stdio: 'inherit' })
  if (error) throw error
  if (status === 0) console.log(`${name}: nothing to say of ${files.length} workflows.`)
  else process.exitCode = 1
}
