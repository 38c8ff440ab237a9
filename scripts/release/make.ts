import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { workflowFiles } from '../workflows/files.ts'
import { bareImages, withDigests } from '../workflows/images.ts'
import { pinned, type Pinned } from '../workflows/pin.ts'
import type { Git } from './git.ts'
import type { ReleasePlan } from './plan.ts'

/** What the archive holds: all that recovers without GitHub, and what it may be used for. */
const ARCHIVED = ['dist', 'LICENSE', 'RUNBOOK_DR.md']
/** Copied by people: here with the commit of the release in it. */
const TO_COPY = ['db-backup.yml', 'restore.yml', 'dr-drill.yml']

/** Gives the digest of an image, as a registry has it now: `sha256:…`. */
export type DigestOf = (image: string) => Promise<string>

/**
 * Makes commits and tags in `checkout`, and the files of the release in its folder `release`. Two commits, because a
 * commit cannot name itself: the first names its parent, which has the same `dist/`, as the action of every workflow;
 * the second names the first, which has these workflows, wherever a workflow calls another. The tags are on the second.
 * The first names every image of a container by its digest too.
 */
export async function makeRelease(
  checkout: string,
  repository: string,
  { tag, moving, notes }: ReleasePlan,
  { git, digestOf }: { readonly git: Git; readonly digestOf: DigestOf },
): Promise<void> {
  const rewrite = async (change: (text: string) => string): Promise<void> => {
    for (const path of workflowFiles(checkout)) {
      const text = await readFile(join(checkout, path), 'utf8')
      await writeFile(join(checkout, path), change(text))
    }
  }
  const pin = async (what: Pinned): Promise<void> => {
    const commit = (await git('rev-parse', 'HEAD')).trim()
    await rewrite((text) => pinned(text, what, { repository, commit, label: tag }))
  }
  await pin('action')
  const digests = new Map<string, string>()
  for (const path of workflowFiles(checkout)) {
    const images = bareImages(await readFile(join(checkout, path), 'utf8'))
    for (const image of images) if (!digests.has(image)) digests.set(image, await digestOf(image))
  }
  await rewrite((text) => withDigests(text, digests))
  await git('commit', '--all', '--message', `Pin the action to ${tag} in every workflow`)
  await pin('workflow')
  await git('commit', '--all', '--message', `Pin called workflows to ${tag}`)
  await git('tag', '--annotate', tag, '--message', `${tag}\n\n${notes}`)
  if (moving !== undefined) await git('tag', '--force', '--annotate', moving, '--message', tag)

  const folder = join(checkout, 'release')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  const name = `lifeboat-${tag}`
  const archive = join(folder, `${name}.tar.gz`)
  // The same bytes from the same commit, wherever it is made.
  await git('archive', '--format=tar.gz', `--prefix=${name}/`, `--output=${archive}`, tag, ...ARCHIVED)
  for (const file of TO_COPY) await cp(join(checkout, '.github/workflows', file), join(folder, file))
  const files = [`${name}.tar.gz`, ...TO_COPY]
  const sums = await Promise.all(files.map(async (file) => `${await sha256(join(folder, file))}  ${file}\n`))
  await writeFile(join(folder, 'SHA256SUMS'), sums.join(''))
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}
