import { describe, expect, it } from '@jest/globals'
import { readRequest, readSecrets } from '../../../src/inputs.ts'
import { inputVariable } from '../../../src/inputs/given.ts'

const inputs = (more: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries({
      command: 'reindex',
      reindex: '.github/search.yml',
      'database-url': 'postgresql://u:a-long-password@h/shop',
      'target-meili-host': 'https://search.example.com/',
      ...more,
    }).map(([name, value]) => [inputVariable(name), value]),
  )
const read = (more?: Record<string, string>) => readRequest(inputs(more), 'linux')

describe('a request to reindex', () => {
  it('names the declarations, the database and the search server', () => {
    expect(read()).toMatchObject({
      command: 'reindex',
      declarations: '.github/search.yml',
      connection: { database: 'shop' },
      search: { host: 'https://search.example.com' },
      rto: { ms: 1_800_000, asked: false },
      limits: { stallMs: 1_800_000, snapshotMs: 21_600_000, retries: 11 },
    })
    expect(
      read({ targets: 'rto=5m', limits: 'stall=1m', 'target-meili-host': 'http://h:7700/search' }),
    ).toMatchObject({
      search: { host: 'http://h:7700/search' },
      rto: { ms: 300_000, asked: true },
      limits: { stallMs: 60_000, snapshotMs: 21_600_000 },
    })
  })

  it('finds the backups of search only where a bucket is named', () => {
    expect(read()).not.toHaveProperty('backup')
    expect(read({ bucket: 'file:///srv/backups', name: 'search' })).toMatchObject({
      backup: { store: { path: '/srv/backups' }, prefix: 'meili/', name: 'search', identities: [] },
    })
    expect(() => read({ bucket: 'b' })).toThrow(/region: is missing/)
  })

  it('takes the keys of embedders by line, and masks each of them', () => {
    const more = { 'meili-embedder-keys': 'products.default=sk-a=b\n\n pages.my.one = key-two \n' }
    expect(read(more)).toMatchObject({
      embedderKeys: new Map([
        ['products.default', 'sk-a=b'],
        ['pages.my.one', 'key-two'],
      ]),
    })
    expect(readSecrets(inputs(more))).toEqual(expect.arrayContaining(['sk-a=b', 'key-two']))
  })

  it.each([
    [{ reindex: '' }, /reindex: is missing/],
    [{ 'database-url': '' }, /database-url: is missing/],
    [{ 'target-meili-host': '' }, /target-meili-host: is missing/],
    [{ 'target-meili-host': 'search.example.com' }, /target-meili-host: is no address/],
    [{ 'target-meili-host': 'https://user:pw@h' }, /target-meili-host: holds a user/],
    [{ 'target-meili-host': 'https://h/?a' }, /target-meili-host: holds a \?/],
    [{ 'meili-embedder-keys': 'products=sk' }, /meili-embedder-keys: line 1 is not of the form/],
    [{ 'meili-embedder-keys': 'a.b=1\na.b=2' }, /meili-embedder-keys: has two keys for a\.b/],
    [{ targets: 'recipients=2' }, /targets: "recipients" is not one of rto/],
    [{ limits: 'part=5MiB' }, /limits: "part" is not one of/],
    [{ source: 'meilisearch' }, /source: command reindex does not use it/],
  ])('names what is wrong: %j', (more, message) => {
    expect(() => read(more)).toThrow(message)
  })
})
