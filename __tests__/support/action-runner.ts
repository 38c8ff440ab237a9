import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseCommandFile } from './command-files.ts'
import { node24 } from './node24.ts'
import { removeAtExit } from './remove-at-exit.ts'
import { runProgram } from './run-program.ts'

export interface ActionOptions {
  /** As under `with:`; `{ 'database-url': '…' }` arrives as `INPUT_DATABASE-URL`. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Beside PATH, HOME and what a runner sets. */
  readonly env?: Readonly<Record<string, string>>
  /** Called with each piece of the log as it comes. */
  readonly onLog?: (text: string) => void
  /** The bundle, `dist/index.js`, unless another is named. */
  readonly entry?: string
  /** As whom and where it runs: `setpriv … --`; everything of the step belongs to `owner` then. */
  readonly as?: StepUser
  /** Flags for Node itself, such as `--max-old-space-size=200`. */
  readonly nodeFlags?: readonly string[]
}

export interface StepUser {
  /** Words before the command. */
  readonly through: readonly string[]
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
  /** Another Node 24 than the checkout's, which not everybody may reach. */
  readonly node?: string
}

export interface ActionResult {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** Standard output and standard error, in the order of arrival. */
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  /** `GITHUB_ENV` */
  readonly exported: Readonly<Record<string, string>>
  /** Markdown. */
  readonly summary: string
  /** Paths of the files that were left in RUNNER_TEMP, and in memory where the step worked there. */
  readonly leftFiles: readonly string[]
}

/** A step that runs. Disposing of it kills what still runs and removes its files. */
export interface RunningAction extends AsyncDisposable {
  readonly pid: number
  /** RUNNER_TEMP of this step and its post step. */
  readonly tempDir: string
  log(): string
  /** Resolves as soon as `pattern` is in the log; throws when the step ends without it. */
  logged(pattern: RegExp): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** As a runner cancels: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL. */
  cancel(): Promise<ActionResult>
  finished(): Promise<ActionResult>
  /** The post step: the same bundle with the same inputs and what was saved as state. Call it after the end. */
  post(env?: Readonly<Record<string, string>>): Promise<ActionResult>
}

const FILES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH'] as const

/** Starts the bundled action as a runner does: Node 24, inputs in the environment, files for what it answers. */
export async function startAction(options: ActionOptions = {}): Promise<RunningAction> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-action-'))
  const steps: Step[] = []
  const killAll = (): void => steps.forEach((step) => step.kill('SIGKILL'))
  const keep = removeAtExit(folder, killAll)
  for (const name of ['temp', 'tools', 'workspace', 'home']) await mkdir(join(folder, name))
  const main = await startStep(options, folder, 'main', {})
  steps.push(main)
  return {
    ...main,
    tempDir: join(folder, 'temp'),
    post: async (env = {}) => {
      const { state } = await main.finished()
      const post = await startStep(options, folder, 'post', {
        ...renamed(state, (name) => `STATE_${name}`),
        ...env,
      })
      steps.push(post)
      return post.finished()
    },
    [Symbol.asyncDispose]: async () => {
      killAll()
      for (const step of steps) await step.finished()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
      keep()
    },
  }
}

/** Runs the action to its end. The post step is not run. */
export async function runAction(options: ActionOptions = {}): Promise<ActionResult> {
  await using action = await startAction(options)
  return await action.finished()
}

type Step = Omit<RunningAction, 'post' | 'tempDir' | typeof Symbol.asyncDispose>

async function startStep(
  { inputs = {}, env = {}, onLog, entry, as, nodeFlags = [] }: ActionOptions,
  folder: string,
  name: 'main' | 'post',
  state: Readonly<Record<string, string>>,
): Promise<Step> {
  const files = Object.fromEntries(FILES.map((file) => [file, join(folder, `${name}-${file}`)]))
  for (const path of Object.values(files)) await writeFile(path, '')
  const { owner, through } = as ?? { through: [], owner: undefined }
  const node = as?.node ?? node24()
  if (owner) await runProgram('chown', ['-R', `${owner.uid}:${owner.gid}`, folder])
  const [program, ...words] = [...through, node]
  const child = spawn(
    program,
    [...words, ...nodeFlags, entry ?? resolve(import.meta.dirname, '../../dist/index.js')],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: join(folder, 'workspace'),
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: join(folder, 'home'),
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: join(folder, 'workspace'),
        RUNNER_OS: process.platform === 'darwin' ? 'macOS' : 'Linux',
        RUNNER_ARCH: process.arch.toUpperCase(),
        RUNNER_TEMP: join(folder, 'temp'),
        RUNNER_TOOL_CACHE: join(folder, 'tools'),
        ...files,
        ...renamed(inputs, (input) => `INPUT_${input.replace(/ /g, '_').toUpperCase()}`),
        ...state,
        ...env,
      },
    },
  )
  let log = ''
  const watchers = new Set<() => void>()
  const hear = (chunk: string): void => {
    log += chunk
    onLog?.(chunk)
    for (const watcher of watchers) watcher()
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear)
  const closed = once(child, 'close')
  await once(child, 'spawn')

  const read = (file: (typeof FILES)[number]): Promise<string> => readFile(files[file] ?? '', 'utf8')
  const finished = async (): Promise<ActionResult> => {
    await closed
    const saved = parseCommandFile(await read('GITHUB_STATE'))
    const memory = state['STATE_memory'] ?? saved['memory']
    return {
      exitCode: child.exitCode,
      signal: child.signalCode,
      log,
      outputs: parseCommandFile(await read('GITHUB_OUTPUT')),
      state: saved,
      exported: parseCommandFile(await read('GITHUB_ENV')),
      summary: await read('GITHUB_STEP_SUMMARY'),
      leftFiles: [
        ...(await filesIn(join(folder, 'temp'))),
        ...(memory === undefined || !existsSync(memory) ? [] : await filesIn(memory)),
      ],
    }
  }
  return {
    pid: child.pid ?? 0,
    log: () => log,
    logged: (pattern) =>
      new Promise((resolved, rejected) => {
        const look = (): void => {
          if (!pattern.test(log)) return
          watchers.delete(look)
          resolved()
        }
        watchers.add(look)
        look()
        void closed.then(() =>
          rejected(new Error(`The step ended without ${String(pattern)} in its log:\n${log}`)),
        )
      }),
    kill: (signal) => {
      child.kill(signal)
    },
    cancel: async () => {
      child.kill('SIGINT')
      const term = setTimeout(() => child.kill('SIGTERM'), 7_500)
      const kill = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await closed
      clearTimeout(term)
      clearTimeout(kill)
      return finished()
    },
    finished,
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found.filter((each) => !each.isDirectory()).map((each) => join(each.parentPath, each.name))
}

function renamed(
  values: Readonly<Record<string, string>>,
  name: (key: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [name(key), value]))
}
