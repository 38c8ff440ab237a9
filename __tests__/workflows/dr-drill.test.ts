import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAction } from '../support/action-runner.ts'
import { backupStep } from '../support/backup-step.ts'
import { runAct, type ActOptions, type ActResult } from './support/act.ts'
import { actionsOfOthers, type ActionsOfOthers } from './support/actions-of-others.ts'
import { gitRepository, type GitRepository } from './support/git-repository.ts'
import { jobOf, results } from './support/results.ts'
import { openSearch } from './support/search.ts'
import { openShop, type Shop } from './support/shop.ts'

const WORKFLOW = '.github/workflows/dr-drill.yml'
const INDEX = {
  uid: 'products',
  'primary-key': 'id',
  query: 'SELECT id, title FROM shop.products',
  settings: {},
}

describe('dr-drill.yml', () => {
  let shop: Shop
  let others: ActionsOfOthers
  let repository: GitRepository
  let application: Server
  let evidence: string

  beforeAll(async () => {
    shop = await openShop()
    evidence = await mkdtemp(join(tmpdir(), 'lifeboat-evidence-'))
    others = await actionsOfOthers([WORKFLOW], { 'actions/upload-artifact': 'cp drill.* "$EVIDENCE"' })
    application = createServer((request, response) => {
      response.statusCode = request.url === '/search' ? 200 : 503
      response.end('42 results')
    })
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve))
    const { port } = application.address() as AddressInfo
    const expectations = (path: string): string =>
      `http:\n  - name: search finds\n    url: http://127.0.0.1:${port}/${path}\n    contains: 42 results\n    at-most: 30s\n`
    repository = await gitRepository({
      copies: { [WORKFLOW]: WORKFLOW },
      texts: {
        'expectations.yml': expectations('search'),
        'down.yml': expectations('down'),
        'search.yml': JSON.stringify({ indexes: [INDEX] }),
      },
    })
    const made = await runAction(backupStep({ ...shop, recipient: shop.keys.recipient }))
    expect(made.exitCode).toBe(0)
  })
  afterAll(async () => {
    application.close()
    await repository[Symbol.asyncDispose]()
    await others[Symbol.asyncDispose]()
    await shop[Symbol.asyncDispose]()
    await rm(evidence, { recursive: true, force: true })
  })

  const drill = async ({ secrets, vars }: Pick<ActOptions, 'secrets' | 'vars'>): Promise<ActResult> => {
    const result = await runAct({
      event: 'schedule',
      repository: repository.folder,
      workflow: WORKFLOW,
      elsewhere: { ...shop.elsewhere, ...others.elsewhere },
      env: { EVIDENCE: evidence },
      secrets: { ...shop.settings.secrets, ...secrets },
      vars: { ...shop.settings.vars, ...vars },
    })
    expect(shop.secretsIn(result)).toEqual([])
    return result
  }

  it('recovers everything, asks the application, and keeps the evidence', async () => {
    const result = await drill({ vars: { BACKUP_EXPECTATIONS: 'expectations.yml' } })
    expect(results(result)).toEqual({ drill: 'success' })
    expect(jobOf(result, 'drill').outputs).toMatchObject({ drill: 'passed' })
    const [folder = ''] = await shop.backups()
    expect(await shop.verdicts(folder)).toEqual(['ok'])
    expect(await readFile(join(evidence, 'drill.html'), 'utf8')).toMatch(/search finds/)
  })

  it('recovers search too: from its backup, and from the restored database', async () => {
    await using search = await openSearch()
    const backup = backupStep({ ...shop, recipient: shop.keys.recipient }, { source: 'meilisearch' })
    const env = { ...backup.env, MEILI_HOST: search.live.url, MEILI_API_KEY: search.live.masterKey }
    expect((await runAction({ ...backup, env })).exitCode).toBe(0)
    const { secrets, vars } = search
    const result = await drill({ secrets, vars: { ...vars, MEILI_REINDEX: 'search.yml' } })
    expect({ ...results(result), log: result.log }).toMatchObject({ drill: 'success' })
    const page = await readFile(join(evidence, 'drill.html'), 'utf8')
    expect(page).toMatch(/from its backup/)
    expect(page).toMatch(/rebuilt from database/)
    expect(await search.scratch.client.indexes()).toEqual([])
  })

  it('is red where the application does not answer as it should, and keeps the evidence of that', async () => {
    await rm(join(evidence, 'drill.json'))
    const result = await drill({ vars: { BACKUP_EXPECTATIONS: 'down.yml' } })
    expect(results(result)).toEqual({ drill: 'failure' })
    expect(result.exitCode).toBe(1)
    expect(jobOf(result, 'drill').steps).toMatchObject({ 'Keep the evidence': 'success' })
    expect(await readFile(join(evidence, 'drill.json'), 'utf8')).toMatch(/503/)
  })

  it('is red without the drill key, because nothing was recovered', async () => {
    const result = await drill({ secrets: { AGE_IDENTITY: '' } })
    expect(results(result)).toEqual({ drill: 'failure' })
    expect(result.log).toMatch(/nothing was restored/)
  })
})
