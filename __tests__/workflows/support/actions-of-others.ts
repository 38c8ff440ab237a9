import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { removeAtExit } from '../../support/remove-at-exit.ts'

/** Folders for actions that GitHub would be asked for, by `owner/name@ref` as a workflow names them. */
export interface ActionsOfOthers extends AsyncDisposable {
  readonly elsewhere: Readonly<Record<string, string>>
}

/**
 * Stand-ins for the actions of others that the workflows of this repository use, except `actions/checkout`, which act
 * does itself. By the action's name what it runs instead, in bash; nothing where none is given.
 */
export async function actionsOfOthers(
  workflows: readonly string[],
  runs: Readonly<Record<string, string>> = {},
): Promise<ActionsOfOthers> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-others-'))
  const keep = removeAtExit(folder)
  const texts = await Promise.all(
    workflows.map((path) => readFile(resolve(import.meta.dirname, '../../..', path), 'utf8')),
  )
  const named = texts.flatMap((text) => [...text.matchAll(/uses: (actions\/([\w-]+)@[0-9a-f]{40})/g)])
  const elsewhere: Record<string, string> = {}
  for (const [, reference = '', name = ''] of named) {
    if (name === 'checkout') continue
    const place = join(folder, name)
    await mkdir(place, { recursive: true })
    const run = JSON.stringify(runs[`actions/${name}`] ?? ':')
    await writeFile(
      join(place, 'action.yml'),
      `name: ${name}\nruns:\n  using: composite\n  steps:\n    - run: ${run}\n      shell: bash\n`,
    )
    elsewhere[reference] = place
  }
  return {
    elsewhere,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true })
      keep()
    },
  }
}
