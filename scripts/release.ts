import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gitIn } from './release/git.ts'
import { makeRelease } from './release/make.ts'
import { notesOf, planRelease, type ReleasePlan } from './release/plan.ts'

/**
 * The two halves of a release, between which its files are attested:
 *   npm run release -- prepare 1.2.3   commits, tags and files, all of them here
 *   npm run release -- publish 1.2.3   pushes them, and makes the release on GitHub with `gh`
 */
const checkout = resolve(import.meta.dirname, '..')
const git = gitIn(checkout)
const [half = '', version = ''] = process.argv.slice(2)
const read = (path: string): Promise<string> => readFile(join(checkout, path), 'utf8')

if (half === 'prepare') await prepare()
else if (half === 'publish') await publish()
else throw new Error('Write: npm run release -- prepare|publish <version>')

async function prepare(): Promise<void> {
  const repository = process.env['GITHUB_REPOSITORY'] ?? ''
  if (repository === '') throw new Error('GITHUB_REPOSITORY is not set: releases are made by the workflow.')
  const plan = await planned()
  await makeRelease(checkout, repository, plan, { git, digestOf })
  console.log(`${plan.tag} is made: ${(await readdir(join(checkout, 'release'))).join(', ')}.`)
}

/** Docker asks the registry, and brings nothing. */
async function digestOf(image: string): Promise<string> {
  const words = ['buildx', 'imagetools', 'inspect', image, '--format', '{{.Manifest.Digest}}']
  return (await promisify(execFile)('docker', words)).stdout.trim()
}

async function planned(): Promise<ReleasePlan> {
  const { version: packageVersion } = JSON.parse(await read('package.json')) as { version: string }
  const remote = await git('ls-remote', 'origin', 'refs/heads/main', 'refs/tags/*')
  const refs = new Map(lines(remote).map((line) => line.split('\t').toReversed() as [string, string]))
  const tags = [...refs.keys()].flatMap((ref) => /^refs\/tags\/([^^]+)$/.exec(ref)?.[1] ?? [])
  return planRelease({
    version,
    packageVersion,
    changelog: await read('CHANGELOG.md'),
    tags: [...tags, ...lines(await git('tag', '--list'))],
    changed: lines(await git('status', '--porcelain')).map((line) => line.slice(3)),
    newest: refs.get('refs/heads/main') === (await git('rev-parse', 'HEAD')).trim(),
  })
}

/** All or nothing, and never over a tag that is there; only then may the moving one follow. */
async function publish(): Promise<void> {
  const tag = `v${version}`
  const files = (await readdir(join(checkout, 'release'))).map((file) => join('release', file))
  await git('push', '--atomic', 'origin', 'HEAD:refs/heads/main', `refs/tags/${tag}`)
  const moving = lines(await git('tag', '--points-at', `${tag}^{commit}`)).filter((each) => each !== tag)
  for (const each of moving) await git('push', '--force', 'origin', `refs/tags/${each}`)
  const notes = join(process.env['RUNNER_TEMP'] ?? tmpdir(), `notes-${tag}.md`)
  await writeFile(notes, notesOf(await read('CHANGELOG.md'), version))
  const words = ['release', 'create', tag, '--verify-tag', '--title', tag, '--notes-file', notes]
  const pre = version.includes('-') ? ['--prerelease'] : []
  await promisify(execFile)('gh', [...words, ...pre, ...files], { cwd: checkout })
  console.log(`${tag} is published.`)
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
