import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import { readRequest } from '../../../src/inputs.ts'
import type { ReplicateRequest } from '../../../src/inputs/request.ts'

const ENV = {
  BACKUP_BUCKET: 'shop-backups',
  R2_ACCOUNT_ID: '0123456789abcdef0123456789abcdef',
  R2_ACCESS_KEY_ID: 'key-id',
  R2_SECRET_ACCESS_KEY: 'secret-key',
  BACKUP_RETENTION_DAYS: '30',
  REPLICA_ACCESS_KEY_ID: 'copy-id',
  REPLICA_SECRET_ACCESS_KEY: 'copy-secret',
}

type Inputs = Readonly<Record<string, string>>

function read(inputs: Inputs): ReplicateRequest {
  const given = Object.entries({ command: 'replicate', ...inputs })
  const env = given.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const)
  const request = readRequest({ ...ENV, ...Object.fromEntries(env) }, 'linux')
  if (request.command !== 'replicate') throw new Error(`it is a request to ${request.command}`)
  return request
}

function problems(inputs: Inputs): string {
  try {
    read(inputs)
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'input') return error.message
    throw error
  }
  return ''
}

describe('a request to replicate', () => {
  it('copies everything where no policy is given in the step, whatever the environment says', () => {
    expect(read({ replica: 'file:///mnt/copy' })).toMatchObject({
      prefix: 'db/',
      replica: { store: { kind: 'directory', path: '/mnt/copy' }, prefix: 'db/' },
      dryRun: false,
    })
    expect(read({ replica: 'file:///mnt/copy' })).not.toHaveProperty('retention')
  })

  it.each([
    [{ keep: 'last=2' }, { days: 30, minKeep: 3 }],
    [{ 'retention-days': '7' }, { days: 7, minKeep: 3 }],
    [{ 'min-keep': '5' }, { days: 30, minKeep: 5 }],
  ])('copies what the policy of the replica keeps: %j', (inputs, retention) => {
    expect(read({ replica: 'file:///mnt/copy', ...inputs }).retention).toMatchObject(retention)
  })

  it('takes the prefix of its source', () => {
    const { prefix, replica } = read({ replica: 'file:///mnt/copy', source: 'meilisearch' })
    expect([prefix, replica.prefix]).toEqual(['meili/', 'meili/'])
  })

  it('says all that is wrong at once', () => {
    const told = problems({ source: 'mongodb', keep: 'last=x', 'dry-run': 'yes', compression: 'xz:6' })
    expect(told).toMatch(/^replica: is missing/m)
    expect(told).toMatch(/^source: "mongodb" is not one of/m)
    expect(told).toMatch(/^keep: /m)
    expect(told).toMatch(/^dry-run: "yes"/m)
    expect(told).toMatch(/^compression: command replicate does not use it/m)
  })
})
