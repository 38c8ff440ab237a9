import { expect, it } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { runAct } from './support/act.ts'
import { gitRepository } from './support/git-repository.ts'
import { r2OnThisMachine } from './support/r2-on-this-machine.ts'
import { results } from './support/results.ts'
import { openShop } from './support/shop.ts'

const ACCOUNT = '0123456789abcdef0123456789abcdef'

it('The README, followed to the letter, covers a repository: one file, six values, and the drill key', async () => {
  const readme = await readFile(resolve('README.md'), 'utf8')
  const [, chapter = ''] = /^## Back up, prove and prune every night$([^]*?)^## /m.exec(readme) ?? []
  const [, file = ''] = /Copy \[`[^`]+`\]\(([^)]+)\) to the same path/.exec(chapter) ?? []
  const asked = [...chapter.matchAll(/^\s*gh (secret|variable) set (\w+)/gm)]

  await using shop = await openShop({ hostName: `${ACCOUNT}.r2.cloudflarestorage.com` })
  await using r2 = await r2OnThisMachine(shop.store, ACCOUNT)
  const values: Readonly<Record<string, string>> = {
    DATABASE_URL: shop.server.url('shop'),
    R2_ACCESS_KEY_ID: shop.store.accessKeyId,
    R2_SECRET_ACCESS_KEY: shop.store.secretAccessKey,
    BACKUP_BUCKET: shop.store.bucket,
    R2_ACCOUNT_ID: ACCOUNT,
    AGE_RECIPIENT: shop.keys.recipient,
    AGE_IDENTITY: shop.keys.identity,
  }
  expect(asked.map(([, , name]) => name).sort()).toEqual(Object.keys(values).sort())
  const set = (kind: string): Record<string, string> =>
    Object.fromEntries(
      asked.flatMap(([, is, name = '']) => (is === kind ? [[name, values[name] ?? '']] : [])),
    )

  await using repository = await gitRepository({ copies: { [file]: file } })
  const result = await runAct({
    event: 'workflow_dispatch',
    repository: repository.folder,
    workflow: file,
    elsewhere: shop.elsewhere,
    secrets: set('secret'),
    vars: set('variable'),
    env: r2.env,
  })
  const green = ['backup', 'verify', 'prune', 'check'].map((job) => [job, 'success'])
  expect(results(result)).toEqual(Object.fromEntries(green))
  expect(result.exitCode).toBe(0)
  expect(r2.connections()).toBeGreaterThan(0)
  const [folder = '', ...more] = await shop.backups()
  expect(more).toEqual([])
  expect(await shop.verdicts(folder)).toEqual(['ok'])
  expect(shop.secretsIn(result)).toEqual([])
})
