import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { node24 } from '../../support/node24.ts'
import { removeAtExit } from '../../support/remove-at-exit.ts'
import { readRun, type JobRun } from './act-log.ts'
import { workflowTool } from '../../../scripts/workflow-tools.mjs'

export interface ActOptions {
  /** The event that starts it, with what a webhook would bring, for example `{ schedule: '15 2 * * *' }`. */
  readonly event: 'schedule' | 'workflow_dispatch' | 'push' | 'pull_request'
  readonly payload?: Readonly<Record<string, unknown>>
  /** A folder that is a git repository. */
  readonly repository: string
  /** Path of the workflow in it. */
  readonly workflow: string
  /** Of `workflow_dispatch`. */
  readonly inputs?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly vars?: Readonly<Record<string, string>>
  /** What the runner has in its environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Folders by `owner/name@ref`, which stand for what GitHub would be asked for. */
  readonly elsewhere?: Readonly<Record<string, string>>
  /** Programs by name that stand before all others on PATH: the text of a shell script each. */
  readonly programs?: Readonly<Record<string, string>>
}

export interface ActResult {
  readonly exitCode: number | null
  /** Everything that act and the steps said, nothing masked, without the commands that ask for masks. */
  readonly log: string
  /** Those that ran, in the order in which they began; each leg of a matrix is one. Skipped ones are none. */
  readonly jobs: readonly JobRun[]
}

/** What workflows and examples ask for under `runs-on`. */
const RUNNERS = ['ubuntu-latest', 'ubuntu-24.04', 'self-hosted']

/**
 * Runs one workflow to its end with act, its steps on this machine as they are, without containers. Runs nothing
 * that a step does not: no service container, no approval, no schedule.
 */
export async function runAct(options: ActOptions): Promise<ActResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-act-'))
  const keep = removeAtExit(folder)
  try {
    return await run(options, folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    keep()
  }
}

async function run(options: ActOptions, folder: string): Promise<ActResult> {
  const { event, payload = {}, repository, workflow, elsewhere = {}, programs = {} } = options
  for (const name of ['home', 'bin', 'cache', 'tmp']) await mkdir(join(folder, name))
  await writePrograms(join(folder, 'bin'), programs)
  const files = { secrets: 'secret-file', vars: 'var-file', env: 'env-file' } as const
  for (const name of ['secrets', 'vars', 'env'] as const) {
    await writeFile(join(folder, name), dotenv(options[name] ?? {}))
  }
  await writeFile(join(folder, 'event.json'), JSON.stringify({ ...payload, inputs: options.inputs ?? {} }))
  const args = [
    event,
    ...['--directory', repository, '--workflows', workflow, '--eventpath', join(folder, 'event.json')],
    ...RUNNERS.flatMap((label) => ['--platform', `${label}=-self-hosted`]),
    ...['--action-cache-path', join(folder, 'cache'), '--no-cache-server', '--defaultbranch', 'main'],
    ...Object.entries(files).flatMap(([name, flag]) => [`--${flag}`, join(folder, name)]),
    // Not masked: what a test finds in the log is what a step has written.
    ...['--input-file', '/dev/null', '--json', '--insecure-secrets'],
    ...Object.entries(elsewhere).flatMap(([name, path]) => ['--local-repository', `${name}=${path}`]),
  ]
  const child = spawn(workflowTool('act'), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [join(folder, 'bin'), dirname(node24()), process.env['PATH'] ?? ''].join(delimiter),
      HOME: join(folder, 'home'),
      XDG_CACHE_HOME: join(folder, 'home'),
      TMPDIR: join(folder, 'tmp'),
    },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  }
  await once(child, 'close')
  return { exitCode: child.exitCode, ...readRun(text) }
}

async function writePrograms(folder: string, programs: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), text)
    await chmod(join(folder, name), 0o755)
  }
}

/** In double quotes, as act's reader of such files takes every character. */
function dotenv(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
    .join('')
}
