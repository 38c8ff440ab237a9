import { describe, expect, it } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { inspectArchive } from '../../../src/meilisearch/inspect-archive.ts'
import { ofUsers, reservedNotes } from '../../../src/meilisearch/reserved-indexes.ts'
import { tarEnd, tarHeader, tarPadding } from '../../../src/meilisearch/tar.ts'

const TIME = new Date('2026-11-22T02:15:00Z')
const LEAST = {
  'metadata.json': '{"dumpVersion":"V6","dbVersion":"1.50.0","dumpDate":"2026-11-22T02:15:00Z"}',
  'keys.jsonl': '',
  'tasks/queue.jsonl': '',
}
const index = (uid: string, documents: string): Record<string, string> => ({
  [`indexes/${uid}/metadata.json`]: JSON.stringify({ uid, primaryKey: 'id' }),
  [`indexes/${uid}/settings.json`]: '{}',
  [`indexes/${uid}/documents.jsonl`]: documents,
})

/** A dump that somebody made by hand. */
async function* dump(files: Readonly<Record<string, string>>): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  const parts = Object.entries(files).map(([name, text]) => {
    const bytes = Buffer.from(text)
    return Buffer.concat([tarHeader(name, bytes.length, TIME), bytes, tarPadding(bytes.length)])
  })
  yield gzipSync(Buffer.concat([...parts, tarEnd()]))
}
const inspect = (files: Readonly<Record<string, string>>) => inspectArchive(dump(files))

describe('a dump that is read through', () => {
  it('needs no more than a server needs to start with it', async () => {
    const inspected = await inspect({ ...LEAST, ...index('a-1_B', '{"id":1}\n{"id":2}'), 'other.txt': 'x' })
    expect(inspected.indexes).toMatchObject([{ uid: 'a-1_B', documents: 2, primaryKey: 'id' }])
    expect(inspected).toMatchObject({ webhooks: 0, features: [], keys: [] })
  })

  it('takes what a server takes: its own indexes, and files that it does not read', async () => {
    const files = {
      ...LEAST,
      ...index('a', '{"id":1,"_vectors":{"d":{"embeddings":[[1,2,3]],"regenerate":false}}}'),
      ...index('.meili_dsr', '{"uid":"rule"}'),
      // A Mac that packs a folder adds such files.
      '._metadata.json': 'no JSON',
      'indexes/._a': 'no JSON',
      'indexes/a/._settings.json': 'no JSON',
      'notes.json': 'no JSON',
      'experimental-features.json': '{"vectorStore":true,"scoreDetails":false}',
    }
    const inspected = await inspect(files)
    expect(inspected.indexes).toMatchObject([{ uid: '.meili_dsr' }, { uid: 'a', documents: 1 }])
    expect(inspected.indexes[1]?.dimensions).toEqual(new Map([['d', 3]]))
    expect(inspected.features).toEqual(['vectorStore'])
    expect(ofUsers(inspected).indexes).toMatchObject([{ uid: 'a' }])
    expect(reservedNotes(inspected).join()).toContain('.meili_dsr')
    expect(reservedNotes(ofUsers(inspected))).toEqual([])
  })

  it.each(['network.json', 'batches/queue.jsonl', 'chat-completions-settings/._w.json'])(
    'is refused where what a server reads is no JSON: %s',
    async (name) => {
      await expect(inspect({ ...LEAST, [name]: 'no JSON' })).rejects.toMatchObject({ code: 'damaged' })
    },
  )

  it.each([
    ['V5', '{"dumpVersion":"V5"}', 'The dump is of version V5; this version of Lifeboat reads V6.'],
    ['none', '{}', 'The dump is of version undefined;'],
  ])('is refused where its version is %s', async (_version, metadata, message) => {
    await expect(inspect({ 'metadata.json': metadata })).rejects.toMatchObject({
      code: 'meilisearch',
      message: expect.stringContaining(message),
    })
  })

  it.each(['a b', '..', 'shop.orders', 'ä', 'x'.repeat(513)])(
    'is refused where an index is called %s: it would silently be left out',
    async (uid) => {
      await expect(inspect({ ...LEAST, ...index(uid, '{"id":1}') })).rejects.toMatchObject({
        code: 'damaged',
        message: expect.stringContaining('is of no index'),
      })
    },
  )

  it.each([
    [
      'a line that is cut',
      { ...LEAST, ...index('a', '{"id":1}\n{"id":') },
      'line 2 of indexes/a/documents.jsonl',
    ],
    ['a line that is no object', { ...LEAST, ...index('a', '[1]') }, 'is no JSON object'],
    ['a missing file', { ...LEAST, 'indexes/a/documents.jsonl': '' }, 'it has no indexes/a/settings.json'],
    ['no list of keys', { 'metadata.json': LEAST['metadata.json'] }, 'it has no keys.jsonl'],
  ])('is refused for %s', async (_what, files, message) => {
    await expect(inspect(files)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(message),
    })
  })
})
