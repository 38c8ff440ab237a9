import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { plantedObjects } from '../support/planted-backups.ts'
import { hoursAgo } from '../support/prune-step.ts'

const DAY = 24
const NIGHTS = 4

/** What a later Lifeboat may leave in the place of the newest backup. */
const LATER = {
  'of a later format': async (folder: string): Promise<void> => {
    await rename(join(folder, 'manifest.json'), join(folder, 'manifest-2.json'))
    await writeFile(join(folder, 'p0001.sql.zst.age'), 'a file that nobody knows')
  },
  'with an artifact that is not known': async (folder: string): Promise<void> => {
    const path = join(folder, 'manifest.json')
    const manifest = JSON.parse(await readFile(path, 'utf8')) as { readonly artifacts: readonly object[] }
    const artifacts = [...manifest.artifacts, { ...manifest.artifacts[0], role: 'index' }]
    await writeFile(path, JSON.stringify({ ...manifest, lifeboat: '999.0.0', artifacts }))
  },
}

describe.each(Object.entries(LATER))('A newest backup %s', (_, change) => {
  let directory: string
  let keys: KeyPair
  let newest: string
  let before: readonly string[]
  /** Of the backups that this version can read, newest first. */
  let readable: string[]

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lifeboat-newer-'))
    keys = await keyPair()
    const folders: string[] = []
    for (let number = 0; number < NIGHTS; number += 1) {
      const verified = [{ verdict: 'ok' as const, at: hoursAgo(1 + number * DAY) }]
      const time = hoursAgo(3 + number * DAY)
      const backup = {
        name: 'app',
        time,
        recipients: [keys.recipient],
        number,
        ...(number > 0 && { verified }),
      }
      for (const { key, content } of await plantedObjects('db/', backup)) {
        const path = join(directory, key)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, content)
        if (key.endsWith('manifest.json')) folders.push(dirname(path))
      }
    }
    newest = folders[0] ?? ''
    readable = folders.slice(1).map((folder) => folder.slice(-23))
    await change(newest)
    before = await contentOf(newest)
  })
  afterEach(async () => {
    // Whatever was asked, nothing is recorded beside it, and nothing of it goes.
    expect(await contentOf(newest)).toEqual(before)
    await rm(directory, { recursive: true })
  })

  const run = async (command: string, inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
    runAction({
      inputs: { command, bucket: `file://${directory}`, ...inputs },
      env: { AGE_IDENTITY: keys.identity },
    })

  it('is not verified, and the newest that can be read is named', async () => {
    const { exitCode, log } = await run('restore-verify')
    expect(exitCode).toBe(1)
    expect(log).toMatch(/Use the version of Lifeboat that wrote it, or a newer one/)
    expect(log).toContain(readable[0])
    expect(log).not.toMatch(/damaged/i)
  })

  it('is not restored, and the newest that can be read is named', async () => {
    const target = { 'target-database-url': 'postgres://nobody@127.0.0.1:9/app', confirm: 'app' }
    const { exitCode, log } = await run('restore', target)
    expect(exitCode).toBe(1)
    expect(log).toMatch(/Use the version of Lifeboat that wrote it, or a newer one/)
    expect(log).toContain(`backup-id: ${readable[0]}`)
  })

  it('makes check red, which says how many and since when, and measures without it', async () => {
    const { exitCode, log, outputs } = await run('check')
    expect(exitCode).toBe(1)
    expect(log).toMatch(/1 backup of "app", since .*, was written by a newer Lifeboat/)
    expect(JSON.parse(outputs['checked'] ?? '')).toMatchObject([
      { 'backup-id': readable[0], backups: readable.length, breaches: expect.arrayContaining(['newer']) },
    ])
  })

  it('is neither counted nor removed by prune', async () => {
    const { exitCode } = await run('prune', { keep: 'last=2', 'min-keep': '1' })
    expect(exitCode).toBe(0)
    expect(await readdir(join(directory, 'db/app'))).toContain(newest.slice(-23))
  })

  it('makes replicate red, which copies the others', async () => {
    const copies = join(directory, 'copies')
    const { exitCode, log } = await run('replicate', { replica: `file://${copies}?prefix=db/` })
    expect(exitCode).toBe(1)
    expect(log).toMatch(/Use the version of Lifeboat that wrote it, or a newer one/)
    expect((await readdir(join(copies, 'db/app'))).toSorted()).toEqual(readable.toSorted())
  })
})

describe('A listing', () => {
  it('names backups of a later format', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lifeboat-newer-'))
    const folder = join(directory, 'db/app/20261122T021500Z-1a2b3c')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'manifest-2.json'), '{}')
    const { exitCode, log } = await runAction({ inputs: { command: 'list', bucket: `file://${directory}` } })
    expect(exitCode).toBe(0)
    expect(log).toMatch(/1 backup of a newer format.*20261122T021500Z-1a2b3c, of format 2/)
    await rm(directory, { recursive: true })
  })
})

async function contentOf(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).toSorted()
  return Promise.all(files.map(async (file) => `${file}: ${await readFile(join(folder, file), 'latin1')}`))
}
