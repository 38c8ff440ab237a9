import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What runs and lints workflows: not from npm, and so not needed for anything else. */
const GO_PROGRAMS = {
  act: 'github.com/nektos/act@v0.2.89',
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
}
const ZIZMOR = '1.32.0'

/** What a task needs of them, by its name; nothing for all others. */
export const WORKFLOW_TOOLS = { 'lint-workflows': ['actionlint', 'zizmor'], 'test-workflows': ['act'] }

/**
 * Installs what of `names` is not there in just this version: Go programs to GOPATH, zizmor to a folder of its own in
 * the user's cache. Throws where Go, Python or the network are missing.
 */
export function ensureWorkflowTools(names) {
  for (const name of names) {
    if (name === 'zizmor') ensureZizmor()
    else ensureGoProgram(name)
  }
}

/** Path of a program that `ensureWorkflowTools` has installed. */
export function workflowTool(name) {
  return name === 'zizmor' ? join(zizmorFolder(), 'bin/zizmor') : join(goPath(), 'bin', name)
}

function ensureGoProgram(name) {
  const [path, version] = GO_PROGRAMS[name].split('@')
  const program = workflowTool(name)
  if (existsSync(program) && said('go', ['version', '-m', program]).includes(`\t${version}\t`)) return
  console.log(`Installing ${path} ${version} …`)
  said('go', ['install', GO_PROGRAMS[name]])
}

function ensureZizmor() {
  if (existsSync(workflowTool('zizmor'))) return
  console.log(`Installing zizmor ${ZIZMOR} …`)
  mkdirSync(zizmorFolder(), { recursive: true })
  said('python3', ['-m', 'venv', zizmorFolder()])
  said(join(zizmorFolder(), 'bin/pip'), ['install', '--quiet', `zizmor==${ZIZMOR}`])
}

function zizmorFolder() {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), `lifeboat-zizmor-${ZIZMOR}`)
}

function goPath() {
  return said('go', ['env', 'GOPATH']).trim()
}

function said(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (error?.code === 'ENOENT') throw new Error(`${command} is missing: workflows need Go and Python 3.`)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  return stdout
}
