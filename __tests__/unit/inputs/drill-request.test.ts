import { describe, expect, it } from '@jest/globals'
import { readRequest, readSecrets } from '../../../src/inputs.ts'
import { inputVariable } from '../../../src/inputs/given.ts'

const read = (given: Record<string, string> = {}, env: Record<string, string> = {}) =>
  readRequest(
    {
      ...env,
      ...Object.fromEntries(
        Object.entries({ command: 'drill', bucket: 'file:///srv/backups', ...given }).map(([name, value]) => [
          inputVariable(name),
          value,
        ]),
      ),
    },
    'linux',
  )
const SCRATCH = { 'target-meili-host': 'http://127.0.0.1:7700/' }

/** Inputs, environment, and what is said of them. */
const REFUSED: readonly (readonly [Record<string, string>, Record<string, string>, string])[] = [
  [{ source: 'meilisearch' }, {}, 'source: command drill does not use it.'],
  [{ reindex: 'search.yml' }, {}, 'target-meili-host: is missing or empty, and reindex needs a server'],
  [{ ...SCRATCH, 'meili-embedder-keys': 'a.b=c' }, {}, 'meili-embedder-keys: is of use only with reindex.'],
  [
    { 'target-meili-host': 'https://search.example.com' },
    { MEILI_HOST: 'https://search.example.com/' },
    'target-meili-host: is the server that is backed up (MEILI_HOST).',
  ],
  [SCRATCH, { MEILI_BACKUP_PREFIX: 'a//b' }, 'MEILI_BACKUP_PREFIX: '],
  [{ targets: 'search=soon' }, {}, 'targets: search: '],
]

describe('a request to drill', () => {
  it('is of databases alone where nothing speaks of search', () => {
    expect(read()).toMatchObject({
      command: 'drill',
      source: 'postgres',
      prefix: 'db/',
      extras: ['negative-control'],
      targets: { rto: 7_200_000 },
      totalMs: 14_400_000,
      reports: [],
    })
    expect(read()).not.toHaveProperty('search')
  })

  it('is of search too where a server for it is given, or where it is backed up', () => {
    expect(read({ ...SCRATCH, 'target-meili-api-key': 'a-long-api-key' })).toMatchObject({
      search: {
        prefix: 'meili/',
        target: { host: 'http://127.0.0.1:7700', apiKey: 'a-long-api-key' },
        rtoMs: 1_800_000,
      },
    })
    const env = {
      MEILI_HOST: 'https://search.example.com/',
      MEILI_BACKUP_PREFIX: 'search',
      BACKUP_PREFIX: 'x',
    }
    expect(read({}, env)).toMatchObject({
      prefix: 'x/',
      search: { prefix: 'search/', liveHost: 'https://search.example.com' },
    })
  })

  it('takes what is rebuilt, the keys of embedders and the targets of each', () => {
    const more = { reindex: '.github/search.yml', 'meili-embedder-keys': 'products.default=sk-a-long-key' }
    const request = read({ ...SCRATCH, ...more, targets: 'rto=1h search=10m total=90m' })
    expect(request).toMatchObject({
      targets: { rto: 3_600_000 },
      totalMs: 5_400_000,
      search: {
        rtoMs: 600_000,
        rebuilt: {
          declarations: '.github/search.yml',
          embedderKeys: new Map([['products.default', 'sk-a-long-key']]),
        },
      },
    })
    expect(readSecrets({ 'INPUT_MEILI-EMBEDDER-KEYS': more['meili-embedder-keys'] })).toContain(
      'sk-a-long-key',
    )
  })

  it.each(REFUSED)('refuses %j with %j', (given, env, problem) => {
    expect(() => read(given, env)).toThrow(problem)
  })

  it('warns where the key of the server goes over a public network in clear', () => {
    expect(read({ 'target-meili-host': 'http://search.example.com' })).toMatchObject({
      warnings: [expect.stringContaining('is not encrypted')],
    })
  })
})
