import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { REMOVING_FILE } from '../../src/catalog/files.ts'
import { beginUpload, unfinishedPath } from '../../src/storage/directory/paths.ts'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { listed, type BackupSketch } from '../support/catalog-listing.ts'
import { hoursAgo } from '../support/prune-step.ts'

const DAY = 24

describe('The action, told to prune a directory', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lifeboat-prune-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const prune = (inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> => {
    const policy = { keep: 'last=2', 'min-keep': '1' }
    return runAction({ inputs: { command: 'prune', bucket: `file://${directory}`, ...policy, ...inputs } })
  }

  async function file(key: string, time: Date): Promise<void> {
    const path = key.startsWith('/') ? key : join(directory, key)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, 'x'.repeat(100))
    await utimes(path, time, time)
  }

  /** Gives its folder. */
  async function put(sketch: BackupSketch): Promise<string> {
    const objects = listed('db/', sketch)
    for (const { key, lastModified } of objects) await file(key, lastModified)
    return dirname(objects[0]?.key ?? '')
  }

  const inName = async (name: string): Promise<string[]> =>
    (await readdir(join(directory, 'db', name))).map((id) => `db/${name}/${id}`)

  it('removes backups and their folders', async () => {
    const all: string[] = []
    for (const day of [0, 1, 2, 3]) {
      all.push(await put({ time: hoursAgo(1 + day * DAY), verdicts: ['ok'], number: day }))
    }
    const neighbour = await put({ name: 'app_staging', time: hoursAgo(2) })
    expect(await prune()).toMatchObject({ exitCode: 0, outputs: { kept: '3', removed: '2' } })
    expect(await inName('app')).toEqual([all[1], all[0]])
    expect(await inName('app_staging')).toEqual([neighbour])
  })

  it('removes attempts and writes in which nothing has happened for seven days, and no others', async () => {
    const good = await put({ time: hoursAgo(1), verdicts: ['ok'] })
    const dead = await put({ time: hoursAgo(20 * DAY), committed: false, number: 1 })
    const slow = await put({
      time: hoursAgo(20 * DAY),
      committed: false,
      number: 2,
      activity: hoursAgo(6 * DAY),
    })
    const growing = await put({ time: hoursAgo(20 * DAY), committed: false, number: 3 })
    const write = (folder: string): string =>
      unfinishedPath(directory, beginUpload(`${folder}/app.dump`, hoursAgo(20 * DAY), '0123abcd'))
    await file(write(growing), hoursAgo(1))
    await file(write(dead), hoursAgo(19 * DAY))
    const result = await prune()
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { 'attempts-removed': '1', 'uploads-aborted': '1' },
    })
    expect(await inName('app')).toEqual(expect.arrayContaining([good, slow, growing]))
    expect(await readdir(join(directory, growing))).toHaveLength(3)
    expect((await readdir(join(directory, dead)).catch(() => [])).length).toBe(0)
  })

  it('ends a removal that was broken off, whatever its age and however well it was verified', async () => {
    const good = await put({ time: hoursAgo(1), verdicts: ['ok'] })
    const broken = await put({ time: hoursAgo(2), committed: false, verdicts: ['ok'], number: 1 })
    await file(`${broken}/${REMOVING_FILE}`, hoursAgo(0))
    expect(await prune()).toMatchObject({ exitCode: 0, outputs: { 'attempts-removed': '1' } })
    expect(await inName('app')).toEqual([good])
  })

  it('takes a backup for whole whose removal was broken off before its manifest went', async () => {
    await put({ time: hoursAgo(1), verdicts: ['ok'] })
    const whole = await put({ time: hoursAgo(30), verdicts: ['ok'], number: 1 })
    await file(`${whole}/${REMOVING_FILE}`, hoursAgo(1))
    expect(await prune()).toMatchObject({ exitCode: 0, outputs: { kept: '2', removed: '0' } })
    expect(await readdir(join(directory, whole))).toHaveLength(5)
  })

  it('is red where backups of one name have stopped, and still prunes the others', async () => {
    for (const day of [4, 5, 6]) await put({ name: 'crm', time: hoursAgo(day * DAY), verdicts: ['ok'] })
    for (const day of [0, 1, 2]) await put({ time: hoursAgo(1 + day * DAY), verdicts: ['ok'] })
    const result = await prune()
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/newest good backup of "crm".*backups have stopped/)
    expect(await inName('crm')).toHaveLength(3)
    expect(await inName('app')).toHaveLength(2)
  })

  it('is red where there is no backup: a wrong prefix looks like that', async () => {
    const result = await prune()
    expect(result).toMatchObject({ exitCode: 1, outputs: { kept: '0', removed: '0', pruned: '[]' } })
    expect(result.log).toMatch(/There is no backup under db\//)
  })
})
