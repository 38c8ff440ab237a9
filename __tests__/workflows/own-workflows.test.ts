import { describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bareImages } from '../../scripts/workflows/images.ts'
import { runProgram } from '../support/run-program.ts'
import { runAct } from './support/act.ts'
import { actionsOfOthers } from './support/actions-of-others.ts'
import { gitRepository, type GitContents, type GitRepository } from './support/git-repository.ts'
import { jobOf, results } from './support/results.ts'

const CI = '.github/workflows/ci.yml'
const CHECK_DIST = '.github/workflows/check-dist.yml'
const RELEASE = '.github/workflows/release.yml'
const ORIGIN = 'https://github.com/acme/lifeboat.git'
/** These tests are a part of what .ci/run runs: here it only says that it was run. */
const CI_RUN = {
  '.ci/run': '#!/bin/bash\necho "Run with CI=$CI and node $(node --version)."\n',
  '.ci/search': '#!/bin/bash\necho "Search at $MEILISEARCH_URL."\n',
}

/** Brings the packages of this checkout, which `npm ci` would bring from the registry. */
const PACKAGES = `cp -al "${resolve('node_modules')}" . 2>/dev/null || cp -a "${resolve('node_modules')}" .`

/** Everything that a release is made of. */
const SOURCES = [
  ...['package.json', 'package-lock.json', '.npmrc', '.gitignore', 'tsconfig.json', 'tsconfig.build.json'],
  ...['action.yml', 'src', 'dist', 'scripts', '.github', 'examples', 'LICENSE', 'RUNBOOK_DR.md'],
]

const checkoutWith = (contents: GitContents): Promise<GitRepository> =>
  gitRepository({
    copies: Object.fromEntries(SOURCES.map((path) => [path, path])),
    origin: ORIGIN,
    ...contents,
  })

describe('The workflows of this repository itself', () => {
  it('ci.yml runs .ci/run on what was pushed, and is red when that is', async () => {
    await using others = await actionsOfOthers([CI])
    for (const [script, result] of [
      [CI_RUN, 'success'],
      [{ ...CI_RUN, '.ci/run': '#!/bin/bash\nexit 3\n' }, 'failure'],
    ] as const) {
      await using repository = await gitRepository({ copies: { [CI]: CI }, texts: script })
      const { folder } = repository
      const run = await runAct({ event: 'push', repository: folder, workflow: CI, ...others })
      expect(results(run)).toEqual({ ci: result, search: 'success' })
      expect(run.log).toContain('Search at http://127.0.0.1:7700,http://127.0.0.1:7701.')
      if (result === 'success') expect(run.log).toMatch(/Run with CI=true and node v2[4-9]\./)
    }
  })

  it('check-dist.yml is red where dist/ is not what src/ builds', async () => {
    await using others = await actionsOfOthers([CHECK_DIST], { 'actions/setup-node': PACKAGES })
    await using repository = await checkoutWith({
      texts: { 'dist/index.js': 'console.log("something that nobody has read")\n' },
    })
    const { folder } = repository
    const run = await runAct({ event: 'pull_request', repository: folder, workflow: CHECK_DIST, ...others })
    expect(results(run)).toEqual({ 'check-dist': 'failure' })
    expect(run.log).toMatch(/dist\/index\.js: not what src builds/)
  })

  it('release.yml makes a tag that stays, one that moves, and files that name the commit; but once only', async () => {
    const place = await mkdtemp(join(tmpdir(), 'lifeboat-release-'))
    try {
      const attest = 'ls release > "$ATTESTED"; (cd release && sha256sum -c SHA256SUMS)'
      await using others = await actionsOfOthers([CI, RELEASE], {
        'actions/attest': attest,
        'actions/setup-node': PACKAGES,
      })
      const packageText = await readFile(resolve('package.json'), 'utf8')
      const { version } = JSON.parse(packageText) as { version: string }
      // What it does is the test before; here it costs a minute each time.
      const checkDist = /"check-dist": "[^"]+"/
      expect(packageText).toMatch(checkDist)
      const packageJson = packageText.replace(checkDist, '"check-dist": "echo dist/ is checked"')
      const changelog = `# Changelog\n\n## [${version}] - 2026-11-25\n\n### Added\n\n- Everything.\n`
      await using repository = await checkoutWith({
        texts: { ...CI_RUN, 'CHANGELOG.md': changelog, 'package.json': packageJson },
      })
      const origin = join(place, 'origin.git')
      await repository.git('clone', '-q', '--bare', repository.folder, origin)
      const parent = (await repository.git('rev-parse', 'HEAD')).trim()
      const at = (...words: string[]): Promise<string> => runProgram('git', ['--git-dir', origin, ...words])

      const release = (): ReturnType<typeof runAct> =>
        runAct({
          event: 'workflow_dispatch',
          inputs: { version },
          repository: repository.folder,
          workflow: RELEASE,
          ...others,
          env: {
            ATTESTED: join(place, 'attested'),
            // GitHub's address leads to the bare repository here.
            GIT_CONFIG_COUNT: '1',
            GIT_CONFIG_KEY_0: `url.${origin}.insteadOf`,
            GIT_CONFIG_VALUE_0: ORIGIN,
          },
          programs: {
            docker: `#!/bin/bash\necho sha256:$(printf %064d 7)\n`,
            gh: `#!/bin/bash\nprintf '%s\\n' "$@" >> ${place}/gh\ncp -r release ${place}/published\n`,
          },
        })

      const first = await release()
      expect({ ...results(first), log: first.log.slice(-3_000) }).toMatchObject({
        ci: 'success',
        release: 'success',
      })
      expect(first.log).toMatch(/dist\/ is checked/)
      expect(jobOf(first, 'release').steps['Attest where the files come from']).toBe('success')

      const tag = `v${version}`
      const major = `v${version.split('.')[0] ?? ''}`
      const [newest = '', middle = '', third = ''] = (await at('rev-list', 'main')).split('\n')
      expect(third).toBe(parent)
      for (const name of [tag, major]) {
        expect((await at('rev-parse', `${name}^{commit}`)).trim()).toBe(newest)
      }
      // The bundle is the parent's, to the byte; workflows name it, and callers name the workflows.
      expect(await at('diff', '--stat', parent, tag, '--', 'dist', 'action.yml', 'src')).toBe('')
      const daily = await at('show', `${tag}:.github/workflows/db-backup.yml`)
      expect(daily).toContain(`uses: acme/lifeboat@${parent} # ${tag}`)
      expect(daily).not.toMatch(/OWNER/)
      for (const file of (await at('ls-tree', '--name-only', tag, '.github/workflows/')).trim().split('\n')) {
        expect({ file, bare: bareImages(await at('show', `${tag}:${file}`)) }).toEqual({ file, bare: [] })
      }
      expect(daily).toContain(`getmeili/meilisearch:v1.50@sha256:${'7'.padStart(64, '0')}`)
      expect(await at('show', `${tag}:examples/several-databases.yml`)).toContain(
        `uses: acme/lifeboat/.github/workflows/reusable-db-backup.yml@${middle} # ${tag}`,
      )

      const archive = `lifeboat-${tag}.tar.gz`
      const listed = (await runProgram('tar', ['-tzf', join(place, 'published', archive)])).split('\n')
      for (const file of ['dist/index.js', 'LICENSE', 'RUNBOOK_DR.md']) {
        expect(listed).toContain(`lifeboat-${tag}/${file}`)
      }
      expect(await readFile(join(place, 'published/db-backup.yml'), 'utf8')).toBe(daily)
      expect((await readFile(join(place, 'attested'), 'utf8')).split('\n')).toContain(archive)
      expect((await readFile(join(place, 'gh'), 'utf8')).split('\n')).toEqual(
        expect.arrayContaining(['release', 'create', tag, `release/${archive}`, 'release/SHA256SUMS']),
      )

      await repository.git('pull', '-q', '--ff-only', origin, 'main')
      const second = await release()
      expect(results(second)).toEqual({ ci: 'success', search: 'success', release: 'failure' })
      expect(second.log).toMatch(new RegExp(`${tag} is there already`))
      expect((await at('rev-parse', `${tag}^{commit}`)).trim()).toBe(newest)
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  })
})
