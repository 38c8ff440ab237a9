import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { runAction } from '../support/action-runner.ts'
import { backupStep } from '../support/backup-step.ts'
import { compareDatabases } from '../support/database-digest.ts'
import { runAct, type ActResult } from './support/act.ts'
import { gitRepository, type GitRepository } from './support/git-repository.ts'
import { results } from './support/results.ts'
import { openSearch, type Search } from './support/search.ts'
import { openShop, type Shop } from './support/shop.ts'

const WORKFLOW = '.github/workflows/restore.yml'

describe('restore.yml', () => {
  let shop: Shop
  let repository: GitRepository
  let id: string

  beforeAll(async () => {
    shop = await openShop()
    repository = await gitRepository({ copies: { [WORKFLOW]: WORKFLOW } })
    const made = await runAction(backupStep({ ...shop, recipient: shop.keys.recipient }))
    expect(made.exitCode).toBe(0)
    id = made.outputs['backup-id'] ?? ''
    await shop.server.psql(
      'CREATE DATABASE target TEMPLATE template0; CREATE DATABASE untouched TEMPLATE template0',
    )
  })
  afterAll(async () => {
    await repository[Symbol.asyncDispose]()
    await shop[Symbol.asyncDispose]()
  })

  const restore = async (
    database: string,
    inputs: Readonly<Record<string, string>>,
    search?: Search,
  ): Promise<ActResult> => {
    const result = await runAct({
      event: 'workflow_dispatch',
      inputs: { target: 'restore-production', ...inputs },
      repository: repository.folder,
      workflow: WORKFLOW,
      elsewhere: shop.elsewhere,
      secrets: {
        ...shop.settings.secrets,
        TARGET_DATABASE_URL: shop.server.url(database),
        ...(search && { TARGET_MEILI_API_KEY: search.scratch.masterKey }),
      },
      vars: { ...shop.settings.vars, ...(search && { TARGET_MEILI_HOST: search.scratch.url }) },
    })
    expect(shop.secretsIn(result)).toEqual([])
    return result
  }

  it('brings the backup that is named back into an empty database', async () => {
    const result = await restore('target', { confirm: 'target', 'backup-id': id })
    expect(results(result)).toEqual({ restore: 'success' })
    expect(result.exitCode).toBe(0)
    const { binDir } = shop.server
    const [there, here] = ['shop', 'target'].map((database) => ({ url: shop.server.url(database), binDir }))
    expect(there && here && (await compareDatabases(there, here))).toEqual([])
  })

  it('touches nothing where the name is not that of the database', async () => {
    const result = await restore('untouched', { confirm: 'shop' })
    expect(results(result)).toEqual({ restore: 'failure' })
    expect(result.log).toMatch(/confirm/)
    expect(
      await shop.server.psql('SELECT count(*) FROM pg_class WHERE relnamespace = 2200', 'untouched'),
    ).toBe('0')
  })

  it('refuses a time before the first backup', async () => {
    const result = await restore('untouched', { confirm: 'untouched', before: '2020-01-01' })
    expect(results(result)).toEqual({ restore: 'failure' })
    expect(result.log).toMatch(/older than 2020-01-01/)
  })

  it('brings search back, into the server that is confirmed', async () => {
    await using search = await openSearch()
    const backup = backupStep({ ...shop, recipient: shop.keys.recipient }, { source: 'meilisearch' })
    const env = { ...backup.env, MEILI_HOST: search.live.url, MEILI_API_KEY: search.live.masterKey }
    expect((await runAction({ ...backup, env })).exitCode).toBe(0)
    const unconfirmed = await restore('untouched', { source: 'meilisearch', confirm: 'untouched' }, search)
    expect(results(unconfirmed)).toEqual({ restore: 'failure' })
    expect(await search.scratch.client.indexes()).toEqual([])
    const confirm = new URL(search.scratch.url).host
    const result = await restore('untouched', { source: 'meilisearch', confirm }, search)
    expect({ ...results(result), log: result.log }).toMatchObject({ restore: 'success' })
    expect((await search.scratch.client.stats('products')).numberOfDocuments).toBe(3)
    expect(
      await shop.server.psql('SELECT count(*) FROM pg_class WHERE relnamespace = 2200', 'untouched'),
    ).toBe('0')
  })

  it('puts it in the place of a database in use with clean', async () => {
    await shop.server.psql('CREATE TABLE since (n int)', 'target')
    const result = await restore('target', { confirm: 'target', clean: 'true' })
    expect(results(result)).toEqual({ restore: 'success' })
    expect(await shop.server.psql("SELECT to_regclass('public.since') IS NULL", 'target')).toBe('t')
    const kept = await shop.server.psql(
      "SELECT count(*) FROM pg_database WHERE datname LIKE 'target_before_%'",
    )
    expect(kept).toBe('1')
  })
})
