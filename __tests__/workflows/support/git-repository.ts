import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { removeAtExit } from '../../support/remove-at-exit.ts'
import { runProgram } from '../../support/run-program.ts'

const CHECKOUT = resolve(import.meta.dirname, '../../..')

export interface GitRepository extends AsyncDisposable {
  readonly folder: string
  git(...args: readonly string[]): Promise<string>
}

/**
 * A git repository with one commit on `main`. It holds copies of files of this checkout by the path they get, each
 * changed by `edit`, which gets the text.
 */
export async function gitRepository(
  files: Readonly<Record<string, string>>,
  {
    origin = 'https://github.com/acme/shop.git',
    edit = (text) => text,
  }: { readonly origin?: string; readonly edit?: (text: string) => string } = {},
): Promise<GitRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-repository-'))
  const keep = removeAtExit(folder)
  const git = (...args: readonly string[]): Promise<string> =>
    runProgram('git', ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder },
    })
  for (const [to, from] of Object.entries(files)) {
    await mkdir(dirname(join(folder, to)), { recursive: true })
    await writeFile(join(folder, to), edit(await readFile(resolve(CHECKOUT, from), 'utf8')))
  }
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
