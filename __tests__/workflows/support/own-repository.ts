import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { removeAtExit } from '../../support/remove-at-exit.ts'

const CHECKOUT = resolve(import.meta.dirname, '../../..')
/** What a job needs of it: the action, the bundle, and the workflows that others call. */
const PARTS = ['action.yml', 'dist', '.github']

/** This repository as others refer to it. */
export interface OwnRepository extends AsyncDisposable {
  /** Its folder by every `owner/name@ref` under which a workflow or an example names it. */
  readonly elsewhere: Readonly<Record<string, string>>
}

/** A copy of what is in this checkout now, whatever commit a workflow has pinned. */
export async function ownRepository(): Promise<OwnRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-own-'))
  const keep = removeAtExit(folder)
  for (const part of PARTS) await cp(join(CHECKOUT, part), join(folder, part), { recursive: true })
  const texts = await Promise.all([...(await yamlIn('.github/workflows')), ...(await yamlIn('examples'))])
  const names = texts.flatMap((text) =>
    [...text.matchAll(/uses: ([\w.-]+\/lifeboat)[^@\s]*@(\S+)/g)].map(
      ([, repository = '', ref = '']) => `${repository}@${ref}`,
    ),
  )
  return {
    elsewhere: Object.fromEntries(names.map((name) => [name, folder])),
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true })
      keep()
    },
  }
}

async function yamlIn(folder: string): Promise<Promise<string>[]> {
  const files = await readdir(join(CHECKOUT, folder))
  return files
    .filter((file) => file.endsWith('.yml'))
    .map((file) => readFile(join(CHECKOUT, folder, file), 'utf8'))
}
