import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { CreateBucketCommand, DeleteObjectCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BucketView } from '../support/bucket-view.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'
import { followRunbook, type RunbookResult, type RunbookRun } from '../support/runbook.ts'
import { runProgram } from '../support/run-program.ts'

jest.setTimeout(300_000)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeboat-runbook-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function follow(name: string, run: Omit<RunbookRun, 'folder'>): Promise<RunbookResult> {
  const place = join(folder, name)
  await mkdir(place)
  await writeFile(join(place, 'recovery.txt'), '')
  return followRunbook({ ...run, folder: place })
}

describe('RUNBOOK_DR.md, asset bucket lost', () => {
  const PICTURES = {
    'a.jpg': 'lamp',
    'summer/two words.jpg': 'chair',
    '-sale\\50%\t.jpg': 'stool',
    'b.jpg': 'table',
  }
  let store: Radosgw
  let files: RunbookRun['files']

  beforeAll(async () => {
    store = await startRadosgw({ bucket: 'shop-assets' })
    files = {
      'recovery.env': {
        R2_ENDPOINT: store.endpoint,
        BACKUP_REGION: store.region,
        BACKUP_BUCKET: 'shop-assets',
        BACKUP_PREFIX: '',
        NAME: '',
        R2_ACCESS_KEY_ID: store.accessKeyId,
        R2_SECRET_ACCESS_KEY: store.secretAccessKey,
      },
    }
    const versioning = { Bucket: 'shop-assets', VersioningConfiguration: { Status: 'Enabled' as const } }
    await store.client.send(new PutBucketVersioningCommand(versioning))
    await store.client.send(new CreateBucketCommand({ Bucket: 'shop-assets-copy' }))
    const copy = new BucketView(store.client, 'shop-assets-copy')
    for (const [key, content] of Object.entries(PICTURES)) {
      await store.view.put(key, content)
      await copy.put(key, content)
    }
  })
  afterAll(async () => {
    await store[Symbol.asyncDispose]()
  })

  /** Deletes a file, and again until the version of its delete marker matches. */
  async function lose(key: string, markedBy = /^/): Promise<void> {
    const file = { Bucket: store.bucket, Key: key }
    for (;;) {
      const { VersionId = '' } = await store.client.send(new DeleteObjectCommand(file))
      if (markedBy.test(VersionId)) return
      await store.client.send(new DeleteObjectCommand({ ...file, VersionId }))
    }
  }

  async function expectEveryPicture(): Promise<void> {
    for (const [key, content] of Object.entries(PICTURES)) {
      expect((await store.view.get(key)).toString()).toBe(content)
    }
  }

  it('brings deleted files back where the bucket keeps versions', async () => {
    await lose('summer/two words.jpg')
    await lose('-sale\\50%\t.jpg')
    // One in 64: to a program it looks like an option.
    await lose('a.jpg', /^-/)
    const lost = await follow('assets-lost', { blocks: ['shell', 'assets-shell', 'assets-verify'], files })
    expect(lost.exitCode).toBe(1)
    expect(lost.said).toContain('< summer/two words.jpg')
    const { exitCode, said } = await follow('assets-versions', {
      blocks: ['shell', 'assets-shell', 'assets-recognise', 'assets-versions', 'assets-verify'],
      files,
    })
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toMatch(/Total Objects: 1\n/)
    expect(said).toContain('Both have the same files.')
    await expectEveryPicture()
  })

  it('brings files back from a second copy, and keeps what only the bucket has', async () => {
    const keys = Object.keys(PICTURES)
    await store.view.put('new.jpg', 'sofa')
    for (const key of keys) await store.view.put(key, 'overwritten by mistake')
    const { exitCode, said } = await follow('assets-copy', {
      blocks: ['shell', 'assets-shell', 'assets-copy'],
      files,
    })
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    await expectEveryPicture()
    expect((await store.view.get('new.jpg')).toString()).toBe('sofa')
  })
})

describe('RUNBOOK_DR.md, everything lost', () => {
  it('takes the source from its mirror', async () => {
    const mirror = join(folder, 'mirror')
    const git = (...args: string[]): Promise<string> =>
      runProgram('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args])
    await git('init', '-q', '-b', 'main', mirror)
    await writeFile(join(mirror, 'deploy.txt'), 'how')
    await git('-C', mirror, 'add', '.')
    await git('-C', mirror, 'commit', '-q', '-m', 'The newest state')
    const { exitCode, said } = await follow('source', {
      blocks: ['source'],
      files: {},
      instead: { 'https://git.example.com/shop.git': mirror },
    })
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toContain('The newest state')
    expect(await readFile(join(folder, 'source/shop/deploy.txt'), 'utf8')).toBe('how')
  })

  describe('at its acceptance', () => {
    let shop: Server
    let found = 'a lamp'
    beforeAll(async () => {
      shop = createServer(({ url = '' }, response) => {
        response.end(url.startsWith('/search') ? found : 'content')
      }).listen(0, '127.0.0.1')
      await once(shop, 'listening')
    })
    afterAll(() => void shop.close())
    const accept = (name: string): Promise<RunbookResult> => {
      const { port } = shop.address() as AddressInfo
      const instead = { 'https://shop.example.com': `http://127.0.0.1:${port}` }
      return follow(name, { blocks: ['acceptance'], files: {}, instead })
    }

    it('accepts a shop that answers', async () => {
      const { exitCode, said } = await accept('accepted')
      expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
      expect(said).toMatch(/home page: 200 in .*\nsearch finds something\na picture loads\n/)
    })

    it('does not accept one whose search finds nothing', async () => {
      found = 'nothing'
      expect((await accept('not-accepted')).said).not.toContain('search finds')
    })
  })
})
