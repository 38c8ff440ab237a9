import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { startGithubApi, type GithubApi } from '../support/github-api.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { emptyStore, StoredBackups, type StoredBackup } from '../support/stored-backups.ts'

const TOKEN = 'ghs_0123456789abcdef'

describe('drill', () => {
  let server: PostgresServer
  let keys: KeyPair
  let folder = ''
  let store: StoredBackups
  let shop: StoredBackup
  let application: Server
  let address = ''
  let github: GithubApi

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-drill-'))
    keys = await keyPair()
    server = await startPostgres()
    store = new StoredBackups(await emptyStore(folder), keys)
    await server.psql('CREATE DATABASE shop')
    await server.psql(
      "CREATE TABLE orders AS SELECT id, 'order ' || id AS text FROM generate_series(1, 500) id",
      'shop',
    )
    shop = await store.backUp(server.url('shop'))
    application = createServer((request, response) => {
      response.writeHead(request.url === '/down' ? 503 : 200).end('Add to cart')
    })
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve))
    const bound = application.address()
    address = `http://127.0.0.1:${typeof bound === 'object' ? (bound?.port ?? 0) : 0}`
  })
  afterAll(async () => {
    application.close()
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    github = await startGithubApi({ repository: 'shop/infra', token: TOKEN })
  })
  afterEach(async () => {
    await github[Symbol.asyncDispose]()
  })

  async function drill(
    backup: StoredBackup,
    { path = '/', inputs = {} }: { path?: string; inputs?: Readonly<Record<string, string>> } = {},
  ): Promise<ActionResult & { readonly page: string; readonly json: Readonly<Record<string, unknown>> }> {
    const expectations = join(folder, 'expectations.yml')
    const http = `- { name: the <shop>, url: "${address}${path}", contains: Add to cart, at-most: 60s }`
    await writeFile(expectations, `tables: [orders]\nhttp:\n  ${http}\n`)
    const [html, json] = [join(folder, 'drill.html'), join(folder, 'drill.json')]
    await rm(html, { force: true })
    await rm(json, { force: true })
    const step = store.step(backup, {
      command: 'drill',
      expectations,
      report: `${html}, ${json}`,
      'github-token': TOKEN,
      ...inputs,
    })
    const run = {
      GITHUB_API_URL: github.api,
      GITHUB_REPOSITORY: 'shop/infra',
      GITHUB_RUN_ID: '77',
      GITHUB_ACTOR: 'ann',
    }
    const result = await runAction({ ...step, env: { ...step.env, ...run } })
    return {
      ...result,
      page: await readFile(html, 'utf8'),
      json: JSON.parse(await readFile(json, 'utf8')) as Readonly<Record<string, unknown>>,
    }
  }

  it('recovers, times and proves, asks the application, and leaves evidence', async () => {
    const result = await drill(shop)
    expect(result.log).toContain('The drill is PASSED.')
    expect(result).toMatchObject({ exitCode: 0, outputs: { drill: 'passed', 'drill-problems': '[]' } })
    expect(result.json).toMatchObject({
      verdict: 'passed',
      totalTargetSeconds: 14_400,
      run: { repository: 'shop/infra', actor: 'ann' },
      legs: [{ title: 'Database "shop"', targetSeconds: 7_200, facts: { Backup: shop.id, Rows: '500' } }],
      acceptance: [{ outcome: 'passed', what: `the <shop> (${address}/)` }],
    })
    const [leg] = result.json['legs'] as readonly {
      recoverySeconds: number
      checks: readonly { what: string; outcome: string }[]
    }[]
    expect(leg?.recoverySeconds).toBeGreaterThan(0)
    expect(leg?.checks).toContainEqual(
      expect.objectContaining({ what: 'negative-control', outcome: 'passed' }),
    )
    for (const text of [
      'Recovery drill',
      'passed',
      shop.id,
      'ann',
      'Signature',
      'the &lt;shop&gt;',
      'negative-control',
    ])
      expect(result.page).toContain(text)
    expect(result.page).not.toContain('<script')
    expect(result.summary).toContain('Drill passed')
    expect(await store.records(shop)).toContain('ok')
    expect(github.issues).toEqual([])
    expect(result.leftFiles).toEqual([])
  })

  it('is red where the backup is damaged, opens an issue once and then comments on it', async () => {
    const damaged = await store.copy(shop)
    await store.damageDump(damaged, (bytes) =>
      Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]),
    )
    for (const comments of [0, 1]) {
      const result = await drill(damaged)
      expect(result).toMatchObject({ exitCode: 1, outputs: { drill: 'failed' } })
      expect(result.log).toMatch(/Database "shop": stored: /)
      expect(result.page).toContain('What failed')
      expect(github.issues).toHaveLength(1)
      expect(github.issues[0]?.comments).toHaveLength(comments)
      expect(github.issues[0]?.body).toContain('Run 77 of shop/infra')
      expect(JSON.stringify(github.issues) + result.page).not.toContain(keys.identity)
      expect(result.log.replace(/^::add-mask::.*$/gm, '')).not.toContain(TOKEN)
    }
  })

  it('is red where the application does not answer as it should, and only warns of an API that refuses', async () => {
    const result = await drill(shop, { path: '/down', inputs: { 'github-token': 'ghs_not_this_one' } })
    expect(result).toMatchObject({ exitCode: 1, outputs: { drill: 'failed' } })
    expect(result.log).toMatch(/answered 503 instead of 200/)
    expect(result.log).toMatch(/^::warning::GitHub's API refused/m)
    expect(result.json).toMatchObject({ verdict: 'failed', acceptance: [{ outcome: 'failed' }] })
  })

  it('is red where it takes longer than the target', async () => {
    const result = await drill(shop, { inputs: { targets: 'rto=1ms total=4h' } })
    expect(result.exitCode).toBe(1)
    expect(JSON.parse(result.outputs['drill-problems'] ?? '')).toEqual([
      expect.stringMatching(/^Database "shop": time: .*longer than the target/),
    ])
  })
})
