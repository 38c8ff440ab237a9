import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, extname, join, resolve } from 'node:path'
import { removeAtExit } from '../../support/remove-at-exit.ts'
import { runProgram } from '../../support/run-program.ts'

const CHECKOUT = resolve(import.meta.dirname, '../../..')

export interface GitRepository extends AsyncDisposable {
  readonly folder: string
  git(...args: readonly string[]): Promise<string>
}

/** What a repository begins with. */
export interface GitContents {
  /** Files and folders of this checkout, by the path that their copy gets. */
  readonly copies?: Readonly<Record<string, string>>
  /** What stands in files, by their path; it wins over copies. Those without a suffix can be executed. */
  readonly texts?: Readonly<Record<string, string>>
  /** Changes the text of each copied file that a workflow is. */
  readonly edit?: (text: string) => string
  readonly origin?: string
}

/** A git repository with one commit on `main`. */
export async function gitRepository({
  copies = {},
  texts = {},
  edit = (text) => text,
  origin = 'https://github.com/acme/shop.git',
}: GitContents): Promise<GitRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-repository-'))
  const keep = removeAtExit(folder)
  const git = (...args: readonly string[]): Promise<string> =>
    runProgram('git', ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder },
    })
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { mode: extname(path) === '' ? 0o755 : 0o644 })
  }
  for (const [to, from] of Object.entries(copies)) {
    if (to.endsWith('.yml')) await write(to, edit(await readFile(resolve(CHECKOUT, from), 'utf8')))
    else await cp(resolve(CHECKOUT, from), join(folder, to), { recursive: true })
  }
  for (const [path, text] of Object.entries(texts)) await write(path, text)
  await git('init', '-q', '-b', 'main')
  await git('add', '-A')
  await git('commit', '-q', '-m', 'Begin')
  await git('remote', 'add', 'origin', origin)
  return {
    folder,
    git,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true })
      keep()
    },
  }
}
