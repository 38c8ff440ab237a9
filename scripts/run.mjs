// What every npm script starts, with any Node from 20.12 on and nothing installed:
//   node scripts/run.mjs <task> [arguments]
// It makes ready what the task needs and hands over to Node 24, which runs TypeScript as it is.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensurePackages, findNode24 } from './npm-packages.mjs'
import { ensureSystemPackages, NEEDS, SYSTEM_PATH } from './system-packages.mjs'
import { ensureWorkflowTools, WORKFLOW_TOOLS } from './workflow-tools.mjs'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const [task = '', ...args] = process.argv.slice(2)

try {
  refuseOldNode()
  const command = commandOf(task)
  ensurePackages(checkout)
  const node = findNode24(checkout)
  // What the action is measured against has to be what a runner has.
  ensureSystemPackages(NEEDS[task] ?? [], task === 'bench' ? SYSTEM_PATH : undefined)
  ensureWorkflowTools(WORKFLOW_TOOLS[task] ?? [])
  handOver(node, [...command, ...args])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

/** In words that an old Node can say: Debian 12 and Ubuntu 24.04 have 18. */
function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 12)) return
  throw new Error(
    `This needs Node 20.12 or newer, and this is ${process.version}. Take one from https://nodejs.org and start again.`,
  )
}

function commandOf(name) {
  const jest = ['--experimental-vm-modules', join(checkout, 'node_modules/jest/bin/jest.js')]
  if (name === 'test') return jest
  if (name === 'test-workflows') return [...jest, '--config', join(checkout, 'jest.workflows.config.js')]
  const script = join(checkout, 'scripts', `${name}.ts`)
  if (!/^[a-z-]+$/.test(name) || !existsSync(script)) throw new Error(`There is no task ${name}.`)
  return [script]
}

function handOver(node, words) {
  const child = spawn(node, words, { cwd: checkout, stdio: 'inherit' })
  // A terminal tells both of us of Ctrl-C; the child decides when it is over.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('error', (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
  })
}
