import { describe, expect, it } from '@jest/globals'
import { readRequest, readSecrets } from '../../../src/inputs.ts'
import { inputVariable } from '../../../src/inputs/given.ts'

const inputs = (given: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ source: 'meilisearch', bucket: 'file:///srv/backups', ...given }).map(
      ([name, value]) => [inputVariable(name), value],
    ),
  )
const environment = {
  MEILI_HOST: 'http://search:7700/',
  MEILI_API_KEY: 'a-long-api-key',
  AGE_RECIPIENT: 'none',
}
const read = (given: Record<string, string> = {}, env: Record<string, string> = environment) =>
  readRequest({ ...env, ...inputs({ command: 'backup', ...given }) }, 'linux')

describe('a request to back Meilisearch up', () => {
  it('takes server and key from the environment, and has defaults of its own', () => {
    expect(read()).toMatchObject({
      command: 'backup',
      source: 'meilisearch',
      prefix: 'meili/',
      name: 'meilisearch',
      server: { host: 'http://search:7700', apiKey: 'a-long-api-key' },
      allowInconsistent: false,
      compression: { text: 'none' },
      limits: { retries: 11 },
    })
    expect(readSecrets(environment)).toContain('a-long-api-key')
  })

  it('takes the dump directory, a name and a prefix', () => {
    const given = {
      'meili-dump-dir': '/srv/dumps/',
      name: 'shop',
      prefix: 'search',
      'allow-inconsistent': 'true',
    }
    expect(read(given)).toMatchObject({
      dumpDirectory: '/srv/dumps',
      name: 'shop',
      prefix: 'search/',
      allowInconsistent: true,
    })
  })

  it('names everything that is wrong at once', () => {
    const wrong = { 'meili-host': 'ftp://x', 'meili-dump-dir': 'dumps', 'allow-inconsistent': 'yes' }
    for (const problem of [
      'meili-host: is no address.',
      'meili-dump-dir: is not an absolute path.',
      'allow-inconsistent: "yes" is neither true nor false.',
    ])
      expect(() => read(wrong)).toThrow(problem)
    expect(() => read({}, {})).toThrow('meili-host: is missing or empty.')
  })

  it('refuses what is only for databases, and for databases what is only for Meilisearch', () => {
    expect(() =>
      read({ 'database-url': 'postgresql://h/x', fingerprint: 'none', compression: 'xz:6' }),
    ).toThrow(
      /compression: source meilisearch does not use it[\s\S]*database-url: source meilisearch[\s\S]*fingerprint: source/,
    )
    expect(() => read({ source: 'postgres', 'meili-host': 'http://h' })).toThrow(
      'meili-host: source postgres does not use it.',
    )
    expect(() => read({ source: 'bucket' })).toThrow('source: command backup knows no source bucket yet.')
  })

  it('warns where the key goes over a public network in clear', () => {
    expect(read({ 'meili-host': 'http://search.example.com' }).warnings.join()).toContain('is not encrypted')
    expect(read({ 'meili-host': 'https://search.example.com' }).warnings).toEqual([])
    expect(read({ 'meili-host': 'http://127.0.0.1:7700' }).warnings).toEqual([])
  })

  it('takes an archive by its key, and single indexes', () => {
    const restoring = { 'target-meili-host': 'http://h:7700', confirm: 'h:7700', key: 'a/search.dump' }
    expect(read({ command: 'restore', only: 'products,\nnew-*', ...restoring }, {})).toMatchObject({
      what: { kind: 'key', key: 'a/search.dump' },
      only: ['products', 'new-*'],
    })
    expect(read({ command: 'restore-verify', key: 'a/search.dump' }, {})).toMatchObject({
      key: 'a/search.dump',
      stallMs: 600_000,
    })
    expect(() => read({ command: 'restore', only: ',', ...restoring }, {})).toThrow('only: names nothing.')
    expect(() => read({ command: 'restore-verify', key: 'x', targets: 'recipients=2' }, {})).toThrow(
      'key: names an archive without a manifest, of which neither extras nor targets',
    )
    expect(() => read({ command: 'restore-verify', key: 'x', 'backup-id': 'y' }, {})).toThrow(
      'backup-id: contradicts key',
    )
  })

  it('keeps seven days of it', () => {
    expect(read({ command: 'prune' })).toMatchObject({ prefix: 'meili/', retention: { days: 7 } })
  })
})
