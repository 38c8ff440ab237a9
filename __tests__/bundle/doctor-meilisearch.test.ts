import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { meilisearchTarget, type MeilisearchTarget } from '../support/meilisearch-target.ts'

interface Line {
  readonly area: string
  readonly check: string
  readonly result: string
  readonly found: string
}

describe('The doctor of a step that backs up search', () => {
  let live: MeilisearchTarget
  let keys: KeyPair
  let folder: string
  beforeAll(async () => {
    ;[live, keys] = await Promise.all([meilisearchTarget(), keyPair()])
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-doctor-meili-'))
  })
  afterAll(async () => {
    await live[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const doctor = async (
    inputs: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ result: ActionResult; lines: readonly Line[] }> => {
    const result = await runAction({
      inputs: {
        command: 'doctor',
        bucket: `file://${folder}`,
        'age-recipients': keys.recipient,
        ...inputs,
      },
      env,
    })
    return { result, lines: JSON.parse(result.outputs['findings'] ?? '[]') as Line[] }
  }

  it('looks at the server and the key, and hides the key', async () => {
    const { result, lines } = await doctor(
      { source: 'meilisearch' },
      { MEILI_HOST: live.url, MEILI_API_KEY: live.masterKey },
    )
    expect(result).toMatchObject({ exitCode: 0, outputs: { failed: '0' } })
    const server = lines.filter(({ area }) => area === 'Meilisearch')
    expect(server.map(({ check, result: state }) => [check, state])).toEqual([
      ['TLS', 'passed'],
      ['reachable', 'passed'],
      ['version', 'passed'],
      ['rights of the key', 'passed'],
      ['the key itself', 'advice'],
    ])
    expect(lines.some(({ area }) => area.startsWith('Database'))).toBe(false)
    expect(result.log.replaceAll(/^::add-mask::.*$/gm, '') + result.summary).not.toContain(live.masterKey)
  })

  it('is red where the key may not do it, and where no server is named', async () => {
    const { result, lines } = await doctor({
      source: 'meilisearch',
      'meili-host': live.url,
      'meili-api-key': 'not-the-right-one',
    })
    expect(result.exitCode).toBe(1)
    expect(lines).toContainEqual(
      expect.objectContaining({
        area: 'Meilisearch',
        result: 'failed',
        found: expect.stringContaining('all is refused') as unknown,
      }),
    )
    const without = await doctor({ source: 'meilisearch' })
    expect(without.lines).toContainEqual(
      expect.objectContaining({ area: 'Meilisearch', check: 'everything', result: 'not-checked' }),
    )
    expect(without.lines).toContainEqual(expect.objectContaining({ check: 'meili-host', result: 'failed' }))
  })

  it('says nothing of a search server that nobody has', async () => {
    const { lines } = await doctor(
      { 'database-url': 'postgresql://u:password1@127.0.0.1:1/shop' },
      { MEILI_HOST: '', MEILI_API_KEY: '' },
    )
    expect(lines.filter(({ area, check }) => area === 'Meilisearch' || check.startsWith('MEILI_'))).toEqual(
      [],
    )
  })

  it('looks at it beside a database, too', async () => {
    const { lines } = await doctor({
      'meili-host': live.url,
      'meili-api-key': live.masterKey,
      'database-url': 'postgresql://u:password1@127.0.0.1:1/shop',
    })
    expect(lines).toContainEqual(
      expect.objectContaining({ area: 'Meilisearch', check: 'reachable', result: 'passed' }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({ area: 'Database "shop"', check: 'reachable', result: 'failed' }),
    )
    expect(lines).not.toContainEqual(expect.objectContaining({ check: 'meili-host' }))
  })
})
