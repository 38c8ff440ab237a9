import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '../../../src/catalog/finding.ts'
import { searchExamination } from '../../../src/meilisearch/examine-server.ts'
import { meilisearchTarget, type MeilisearchTarget } from '../../support/meilisearch-target.ts'
import { startMeilisearchServer } from '../../support/meilisearch-server.ts'

const DAY_MS = 86_400_000
const ALL = [
  'version',
  'keys.get',
  'tasks.get',
  'indexes.get',
  'settings.get',
  'documents.get',
  'stats.get',
  'experimental.get',
  'webhooks.get',
]
const ENOUGH = ['*.get', 'version', 'keys.get']

interface NewKey {
  readonly actions: readonly string[]
  readonly indexes?: readonly string[]
  readonly expiresAt?: string
}

describe('The doctor at a search server', () => {
  let live: MeilisearchTarget
  beforeAll(async () => {
    live = await meilisearchTarget()
    await live.done(live.client.createIndex('products', 'id'))
    await live.done(live.client.createIndex('pages', 'id'))
  })
  afterEach(async () => {
    for (const { uid, name } of await live.client.keys()) {
      if (name?.startsWith('Default ') !== true) await asMaster('DELETE', `/keys/${uid}`)
    }
  })
  afterAll(async () => {
    await live[Symbol.asyncDispose]()
  })

  async function asMaster(method: string, path: string, content?: object): Promise<Response> {
    return fetch(`${live.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${live.masterKey}`, 'content-type': 'application/json' },
      ...(content && { body: JSON.stringify(content) }),
    })
  }
  async function newKey({ actions, indexes = ['*'], expiresAt }: NewKey): Promise<string> {
    const response = await asMaster('POST', '/keys', { actions, indexes, expiresAt: expiresAt ?? null })
    return ((await response.json()) as { key: string }).key
  }
  async function examine(
    apiKey: string | undefined,
    { host = live.url, dumpDirectory }: { readonly host?: string; readonly dumpDirectory?: string } = {},
  ): Promise<Finding[]> {
    const server = { host, apiKey, retries: 0, timeoutMs: 30_000 }
    const findings = searchExamination({ server, dumpDirectory, now: () => new Date() }).examine(
      new AbortController().signal,
    )
    const all: Finding[] = []
    for await (const finding of findings) all.push(finding)
    return all
  }
  const states = (findings: readonly Finding[]): Record<string, Finding['state']> =>
    Object.fromEntries(findings.map(({ what, state }) => [what, state]))
  const of = (findings: readonly Finding[], what: string): Finding | undefined =>
    findings.find((each) => each.what === what)

  it('has nothing against the key that it advises to make', async () => {
    const findings = await examine(await newKey({ actions: ENOUGH }))
    expect(states(findings)).toEqual({
      TLS: 'passed',
      reachable: 'passed',
      version: 'passed',
      'rights of the key': 'passed',
      'the key itself': 'passed',
    })
    expect(of(findings, 'version')?.found).toMatch(/^Meilisearch 1\./)
    expect(of(findings, 'rights of the key')?.found).toBe(`it may ${ALL.join(', ')}.`)
  })

  it.each(ALL)('tells that %s is lacking, and how to make a key that has it', async (right) => {
    const key = await newKey({ actions: ALL.filter((each) => each !== right) })
    const rights = of(await examine(key), 'rights of the key')
    expect(rights).toMatchObject({
      state: 'failed',
      found: expect.stringContaining(`it lacks ${right};`) as unknown,
      todo: expect.stringContaining(`curl ${live.url}/keys `) as unknown,
    })
    expect(rights?.todo).toContain('"actions":["*.get","version","keys.get"]')
    expect(`${rights?.found ?? ''} ${rights?.todo ?? ''}`).not.toContain(key)
  })

  it('takes a wrong key for wrong, and knows that none is given', async () => {
    expect(of(await examine('not-this-one'), 'rights of the key')).toMatchObject({
      state: 'failed',
      found: expect.stringContaining('all is refused') as unknown,
    })
    expect(of(await examine(undefined), 'rights of the key')).toMatchObject({
      state: 'failed',
      found: expect.stringContaining('none is given') as unknown,
    })
  })

  it('sees that a key is for some indexes only, ends soon, or may everything', async () => {
    const some = await examine(await newKey({ actions: ['*'], indexes: ['pages'] }))
    expect(of(some, 'rights of the key')).toMatchObject({
      state: 'failed',
      found:
        'it lacks version, keys.get, experimental.get, webhooks.get; it may tasks.get, indexes.get, settings.get, ' +
        'documents.get, stats.get. A key that is for some indexes only never has these.',
    })
    for (const [days, state] of [
      [20, 'advice'],
      [40, 'passed'],
    ] as const) {
      const expiresAt = new Date(Date.now() + days * DAY_MS).toISOString()
      const ending = await examine(await newKey({ actions: ENOUGH, expiresAt }))
      expect(of(ending, 'the key itself')).toMatchObject({
        state,
        found: expect.stringContaining(`it ends on ${expiresAt.slice(0, 10)}`) as unknown,
      })
    }
    const admin = await examine(await newKey({ actions: ['*'] }))
    expect(of(admin, 'the key itself')?.found).toContain('may do everything')
    const master = await examine(live.masterKey)
    expect(of(master, 'rights of the key')?.state).toBe('passed')
    expect(of(master, 'the key itself')).toMatchObject({
      state: 'advice',
      found: expect.stringContaining('master key') as unknown,
    })
  })

  it('looks for the rights and the folder of a dump that the server makes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifeboat-dumps-'))
    try {
      const enough = await newKey({
        actions: ['version', 'keys.get', 'tasks.get', 'dumps.*', 'tasks.cancel'],
      })
      expect(states(await examine(enough, { dumpDirectory: folder }))).toMatchObject({
        'rights of the key': 'passed',
        'meili-dump-dir': 'passed',
      })
    } finally {
      await rm(folder, { recursive: true })
    }
    const few = await examine(await newKey({ actions: ENOUGH }), { dumpDirectory: folder })
    expect(of(few, 'rights of the key')?.found).toContain('it lacks tasks.cancel, dumps.create;')
    expect(of(few, 'rights of the key')?.todo).toContain('"tasks.cancel","dumps.create"')
    expect(of(few, 'meili-dump-dir')).toMatchObject({
      state: 'failed',
      found: expect.stringContaining('is no folder on this machine') as unknown,
    })
    const blind = await newKey({ actions: ['version', 'tasks.get', 'dumps.create', 'tasks.cancel'] })
    expect(states(await examine(blind, { dumpDirectory: folder }))).toMatchObject({
      // It needs no keys.get: that it may dump, only a dump shows.
      'rights of the key': 'passed',
      'dumps.create': 'not-checked',
    })
  })

  it('advises a master key where the server has none', async () => {
    // Not asked of a real server: it would have to be another one.
    await using open = await startMeilisearchServer()
    const findings = await examine(undefined, { host: open.url })
    expect(of(findings, 'rights of the key')?.state).toBe('passed')
    expect(of(findings, 'the key itself')).toMatchObject({
      state: 'advice',
      found: expect.stringContaining('without a master key') as unknown,
    })
  })

  it('sees that nothing answers, or something else', async () => {
    const silent = await examine('key', { host: 'http://127.0.0.1:2' })
    expect(of(silent, 'reachable')).toMatchObject({
      state: 'failed',
      found: expect.stringContaining('gave no whole answer') as unknown,
    })
    expect(silent).toHaveLength(2)
    const page = createServer((_, response) => response.end('<html>Please log in</html>'))
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
    const address = page.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const login = await examine('key', { host: `http://127.0.0.1:${port}` })
    await new Promise((resolve) => page.close(resolve))
    expect(of(login, 'reachable')?.found).toContain("something that is not Meilisearch's")
  })

  it('fails a way that others can read along', async () => {
    const [tls] = await examine('key', { host: 'http://search.example.invalid' })
    expect(tls).toMatchObject({ what: 'TLS', state: 'failed' })
  })
})
