import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import { readRequest } from '../../../src/inputs.ts'
import type { PruneRequest } from '../../../src/inputs/request.ts'

type Given = Readonly<Record<string, string>>

const STORE: Given = {
  BACKUP_BUCKET: 'shop-backups',
  R2_ACCOUNT_ID: '0123456789abcdef0123456789abcdef',
  R2_ACCESS_KEY_ID: 'key-id',
  R2_SECRET_ACCESS_KEY: 'secret-key',
}
const DAY = 86_400_000

/** `inputs` as below `with:`. */
function read(inputs: Given, env: Given = {}): PruneRequest {
  const given = Object.entries({ command: 'prune', ...inputs })
  const request = readRequest(
    {
      ...STORE,
      ...env,
      ...Object.fromEntries(given.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    },
    'linux',
  )
  if (request.command !== 'prune') throw new Error(`it is a request to ${request.command}`)
  return request
}

function problems(inputs: Given, env: Given = {}): string {
  try {
    read(inputs, env)
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'input') return error.message
    throw error
  }
  return ''
}

const NONE = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 }

describe('a request to prune', () => {
  it('is complete with nothing but the environment, and careful', () => {
    expect(read({})).toMatchObject({
      source: 'postgres',
      prefix: 'db/',
      retention: { keep: NONE, days: 30, minKeep: 3, guards: { maxDelete: 0.5, maxAgeMs: 3 * DAY } },
      dryRun: false,
      deleteVersions: false,
      confirmed: [],
    })
  })

  it('lets the usual age go where keep says what stays, but not one that was asked for', () => {
    expect(read({ keep: 'last=3' }).retention).toMatchObject({ keep: { ...NONE, last: 3 }, days: undefined })
    expect(read({ keep: 'last=3', 'retention-days': '9' }).retention.days).toBe(9)
    expect(read({ keep: 'last=3' }, { BACKUP_RETENTION_DAYS: '11' }).retention.days).toBe(11)
  })

  it.each([
    ['meilisearch', 'meili/', 7, 'MEILI_BACKUP_PREFIX', 'MEILI_BACKUP_RETENTION_DAYS'],
    ['bucket', 'assets/', 30, 'ASSETS_BACKUP_PREFIX', 'ASSETS_BACKUP_RETENTION_DAYS'],
  ])('knows where %s lies and how long it stays', (source, prefix, days, prefixVariable, daysVariable) => {
    const foreign = { BACKUP_PREFIX: 'elsewhere/', BACKUP_RETENTION_DAYS: '99' }
    expect(read({ source }, foreign)).toMatchObject({ source, prefix, retention: { days } })
    const own = { ...foreign, [prefixVariable]: 'own', [daysVariable]: '12' }
    expect(read({ source }, own)).toMatchObject({ prefix: 'own/', retention: { days: 12 } })
  })

  it('replaces one guard and leaves the other', () => {
    expect(read({ guards: 'max-age=10d' }).retention.guards).toEqual({ maxAgeMs: 10 * DAY, maxDelete: 0.5 })
    expect(read({ guards: 'max-delete=100%' }).retention.guards).toEqual({ maxAgeMs: 3 * DAY, maxDelete: 1 })
  })

  it('reads the names that are confirmed', () => {
    expect(read({ confirm: 'shop, crm\na b' }).confirmed).toEqual(['shop', 'crm', 'a b'])
  })

  it.each([
    ['keep', 'last=-1'],
    ['keep', 'last=1.5'],
    ['keep', 'last='],
    ['keep', 'last'],
    ['keep', 'last=0'],
    ['keep', 'last=1 last=2'],
    ['keep', 'minutely=3'],
    ['retention-days', '-3'],
    ['retention-days', '0'],
    ['retention-days', 'thirty'],
    ['min-keep', '-1'],
    ['min-keep', '0'],
    ['guards', 'max-delete=50'],
    ['guards', 'max-age=5m'],
    ['guards', 'max-age=never'],
    ['dry-run', 'maybe'],
    ['source', 'mysql'],
    ['expire-days', '90'],
  ])('refuses %s: %s', (name, value) => {
    expect(problems({ [name]: value })).toContain(`\n${name}: `)
  })

  it('tells everything that is wrong at once', () => {
    const message = problems(
      { keep: 'last=x', 'min-keep': '0', 'dry-run': 'ja' },
      { BACKUP_RETENTION_DAYS: '-1' },
    )
    expect(message).toMatch(/4 settings are wrong/)
    expect(message).toContain('retention-days (from BACKUP_RETENTION_DAYS): ')
  })
})
