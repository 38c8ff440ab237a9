import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyPair } from '../support/backup-step.ts'
import { runAct, type ActOptions, type ActResult } from './support/act.ts'
import { startAwsIdentity } from './support/aws-identity.ts'
import { gitRepository } from './support/git-repository.ts'
import { jobOf, results } from './support/results.ts'
import { openShop, type Shop } from './support/shop.ts'

const WORKFLOW = '.github/workflows/backup.yml'

/** `several-databases.yml` has a test of its own, for the reusable workflow. */
describe('An example, copied into a repository', () => {
  let shop: Shop

  beforeAll(async () => {
    // As in the example for AWS, which has it in its text.
    shop = await openShop({ bucket: 'shop-backups' })
  })
  afterAll(async () => shop[Symbol.asyncDispose]())

  const run = async (
    example: string,
    { secrets, vars, env = {} }: Pick<ActOptions, 'secrets' | 'vars' | 'env'>,
  ): Promise<ActResult> => {
    await using repository = await gitRepository({ copies: { [WORKFLOW]: `examples/${example}` } })
    const { folder } = repository
    const { elsewhere, settings } = shop
    const result = await runAct({
      event: 'schedule',
      repository: folder,
      workflow: WORKFLOW,
      elsewhere,
      env,
      secrets: secrets ?? settings.secrets,
      vars: vars ?? settings.vars,
    })
    expect(shop.secretsIn(result)).toEqual([])
    return result
  }
  const newest = async (): Promise<string> => (await shop.backups()).at(-1) ?? ''

  it('minimal.yml backs up and proves', async () => {
    const result = await run('minimal.yml', {})
    expect(results(result)).toEqual({ backup: 'success', verify: 'success' })
    expect(await shop.verdicts(await newest())).toEqual(['ok'])
  })

  it('drill-only.yml proves the newest backup in every way, without a way to the database', async () => {
    const { R2_ACCESS_KEY_ID = '', R2_SECRET_ACCESS_KEY = '', AGE_IDENTITY = '' } = shop.settings.secrets
    const result = await run('drill-only.yml', {
      secrets: { R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY, AGE_IDENTITY },
    })
    expect(results(result)).toEqual({ drill: 'success' })
    const { summary } = jobOf(result, 'drill')
    for (const rung of ['Indexes (amcheck)', 'Negative control', 'Time to restore']) {
      expect(summary.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))).toMatch(
        new RegExp(`${rung.replace(/[()]/g, '\\$&')} \\| passed`),
      )
    }
    expect(await shop.verdicts(await newest())).toEqual(['ok', 'ok'])
  })

  it('two-recipients.yml encrypts to both keys, proves with one, and is red where the other is missing', async () => {
    const recovery = await keyPair()
    const { DATABASE_URL, R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY, AGE_IDENTITY } = shop.settings.secrets
    const secrets = {
      DATABASE_URL: DATABASE_URL ?? '',
      R2_ACCESS_KEY_ID: R2_ACCESS_KEY_ID ?? '',
      R2_SECRET_ACCESS_KEY: R2_SECRET_ACCESS_KEY ?? '',
      AGE_DRILL_IDENTITY: AGE_IDENTITY ?? '',
    }
    const vars = { ...shop.settings.vars, AGE_RECIPIENT: '', AGE_DRILL_RECIPIENT: shop.keys.recipient }
    const both = await run('two-recipients.yml', {
      secrets,
      vars: { ...vars, AGE_RECOVERY_RECIPIENT: recovery.recipient },
    })
    expect(results(both)).toEqual({ backup: 'success', verify: 'success' })
    const manifest = (await shop.store.view.get(`${await newest()}manifest.json`)).toString()
    expect(manifest).toContain(recovery.recipient)
    expect(manifest).toContain(shop.keys.recipient)

    const one = await run('two-recipients.yml', { secrets, vars })
    expect(results(one)).toEqual({ backup: 'failure' })
    expect(one.exitCode).toBe(1)
  })

  it('s3-oidc.yml takes a role for each job, and needs no key', async () => {
    await using identity = await startAwsIdentity(shop.store)
    const { DATABASE_URL = '', AGE_IDENTITY = '' } = shop.settings.secrets
    const result = await run('s3-oidc.yml', {
      secrets: { DATABASE_URL, AGE_IDENTITY },
      vars: { AGE_RECIPIENT: shop.keys.recipient },
      env: identity.env,
    })
    expect(results(result)).toEqual({ backup: 'success', verify: 'success', prune: 'success' })
    const role = 'arn:aws:iam::123456789012:role/shop-backup'
    expect(new Set(identity.roles)).toEqual(new Set([role, `${role}-verify`, `${role}-prune`]))
    expect(await shop.verdicts(await newest())).toEqual(['ok'])
  })

  it('self-hosted-directory.yml keeps everything in a directory', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lifeboat-directory-'))
    try {
      const { DATABASE_URL = '', AGE_IDENTITY = '' } = shop.settings.secrets
      const result = await run('self-hosted-directory.yml', {
        secrets: { DATABASE_URL, AGE_IDENTITY },
        vars: { AGE_RECIPIENT: shop.keys.recipient, BACKUP_DIRECTORY: directory },
      })
      expect(results(result)).toEqual({ backup: 'success', verify: 'success', prune: 'success' })
      const files = await readdir(directory, { recursive: true })
      expect(files.filter((file) => /^db\/shop\/[^/]+\/manifest\.json$/.test(file))).toHaveLength(1)
      expect(files.filter((file) => file.endsWith('-ok.json'))).toHaveLength(1)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})
