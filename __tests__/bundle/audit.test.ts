import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { auditKey } from '../../src/catalog/audit.ts'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { listed, type BackupSketch } from '../support/catalog-listing.ts'
import { hoursAgo } from '../support/prune-step.ts'

const DAY = 24

describe('The audit trail', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lifeboat-audit-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const run = (
    inputs: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ActionResult> => runAction({ inputs: { bucket: `file://${directory}`, ...inputs }, env })

  async function put(key: string, content = 'x'): Promise<void> {
    await mkdir(dirname(join(directory, key)), { recursive: true })
    await writeFile(join(directory, key), content)
  }
  async function backup(sketch: BackupSketch): Promise<void> {
    for (const { key } of listed('db/', sketch)) await put(key)
  }
  /** Keys below `_lifeboat/audit/`. */
  async function records(): Promise<string[]> {
    const folder = join(directory, 'db/_lifeboat/audit')
    const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
    return all
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
  }
  const nights = async (newest: number): Promise<void> => {
    for (const night of [0, 1, 2, 3]) {
      await backup({ time: hoursAgo(newest + night * DAY), verdicts: ['ok'], number: night })
    }
  }

  it('holds a record of a run that changed something: who, which run, what, and its figures', async () => {
    await nights(1)
    const result = await run(
      { command: 'prune', keep: 'last=2', 'min-keep': '1' },
      { GITHUB_ACTOR: 'octocat', GITHUB_RUN_ID: '4711', GITHUB_REPOSITORY: 'shop/shop' },
    )
    expect(result).toMatchObject({ exitCode: 0, outputs: { removed: '2' } })
    const [file = '', ...more] = await records()
    expect(more).toEqual([])
    const month = new Date().toISOString().slice(0, 7).replace('-', '/')
    expect(file).toMatch(new RegExp(`^${month}/\\d{8}T\\d{6}Z-prune-success-[0-9a-f]{6}\\.json$`))
    expect(JSON.parse(await readFile(join(directory, 'db/_lifeboat/audit', file), 'utf8'))).toMatchObject({
      format: 1,
      command: 'prune',
      source: 'postgres',
      result: 'success',
      error: null,
      figures: { removed: '2', kept: '2' },
      run: { actor: 'octocat', run: '4711', repository: 'shop/shop' },
    })
  })

  it('holds failures too, is read by check, and leaves backups and prune alone', async () => {
    await nights(5 * DAY)
    expect((await run({ command: 'prune', keep: 'last=2', 'min-keep': '1' })).exitCode).toBe(1)
    expect(await records()).toEqual([expect.stringMatching(/-prune-failure-/)])
    const [file = ''] = await records()
    const record = JSON.parse(await readFile(join(directory, 'db/_lifeboat/audit', file), 'utf8')) as object
    // The error's message may name what is none of the bucket's business.
    expect(record).toMatchObject({ result: 'failure', error: 'guard' })
    expect(JSON.stringify(record)).not.toContain('backups have stopped')

    const checked = await run({ command: 'check', report: join(directory, 'state.json') })
    const state = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8')) as { names: unknown[] }
    expect(state).toMatchObject({ rates: [{ command: 'prune', success: 0, failure: 1, cancelled: 0 }] })
    expect(state.names).toHaveLength(1)
    expect(checked.summary).toContain('Runs of the last 30 days')
    const list = await run({ command: 'list' })
    expect((JSON.parse(list.outputs['backups'] ?? '[]') as unknown[]).length).toBe(4)
    // Looking changes nothing.
    expect(await records()).toHaveLength(1)
  })

  it('holds nothing of a dry run, nor of a step whose inputs are wrong', async () => {
    await nights(1)
    await run({ command: 'prune', keep: 'last=2', 'dry-run': 'true' })
    await run({ command: 'prune', keep: 'last=two' })
    expect(await records()).toEqual([])
  })

  it('is kept for as long as keep says, and nothing beside it is touched', async () => {
    await nights(1)
    const at = (days: number): string =>
      auditKey('db/', { time: hoursAgo(days * DAY), command: 'backup', result: 'success' }, '0123ab')
    const [old, young] = [at(31), at(29)]
    const theirs = [
      'db/_lifeboat/audit/notes.txt',
      `${dirname(old)}/20200101T000000Z-mine.json`,
      'db/_lifeboat/other/20200101T000000Z-backup-success-0123ab.json',
    ]
    for (const key of [old, young, at(401), ...theirs]) await put(key)
    const inputs = { command: 'prune', keep: 'audit=30d', 'min-keep': '1' }
    expect((await run({ ...inputs, 'dry-run': 'true' })).log).toMatch(/Audit trail: 2 record\(s\) would go/)
    const result = await run(inputs)
    // Of backups nothing was said, so their age holds.
    expect(result).toMatchObject({ exitCode: 0, outputs: { kept: '4', removed: '0' } })
    expect(result.log).toMatch(/Audit trail: 2 record\(s\) removed/)
    const left = await records()
    expect(left).toHaveLength(4)
    expect(left.map((file) => `db/_lifeboat/audit/${file}`)).toEqual(
      expect.arrayContaining([young, ...theirs.slice(0, 2)]),
    )
    expect(await readdir(join(directory, 'db/_lifeboat/other'))).toHaveLength(1)
  })

  it('keeps records for 400 days where nothing is said', async () => {
    await nights(1)
    for (const days of [399, 401]) {
      await put(
        auditKey('db/', { time: hoursAgo(days * DAY), command: 'backup', result: 'success' }, '0123ab'),
      )
    }
    // A run that looks at one name reads the trail for itself.
    expect((await run({ command: 'prune', 'min-keep': '1', name: 'app' })).log).toMatch(
      /Audit trail: 1 record\(s\) removed/,
    )
  })

  it('only warns where a record cannot be written', async () => {
    await nights(1)
    await put('db/_lifeboat', 'a file where a folder should be')
    const pruned = await run({ command: 'prune', 'min-keep': '1', keep: 'last=2' })
    expect(pruned.log).toMatch(/::warning::The record in the audit trail failed/)
  })
})
