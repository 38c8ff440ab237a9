import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import { readRequest } from '../../../src/inputs.ts'
import type { CheckRequest } from '../../../src/inputs/request.ts'

type Inputs = Readonly<Record<string, string>>

const HOUR = 3_600_000
const KEYS = { REPLICA_ACCESS_KEY_ID: 'copy-id', REPLICA_SECRET_ACCESS_KEY: 'copy-secret' }

function read(inputs: Inputs, env: Inputs = KEYS): CheckRequest {
  const given = Object.entries({ command: 'check', bucket: 'file:///srv/backups', ...inputs })
  const named = given.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const)
  const request = readRequest({ ...env, ...Object.fromEntries(named) }, 'linux')
  if (request.command !== 'check') throw new Error(`it is a request to ${request.command}`)
  return request
}

function problems(inputs: Inputs, env: Inputs = KEYS): string {
  try {
    read(inputs, env)
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'input') return error.message
    throw error
  }
  return ''
}

describe('a request to check', () => {
  it.each([
    ['', { rpoMs: 26 * HOUR, gapMs: 26 * HOUR, rtoMs: 2 * HOUR }],
    ['rpo=2h', { rpoMs: 2 * HOUR, gapMs: 2 * HOUR, rtoMs: 2 * HOUR }],
    ['gap=3h verified=8d recipients=2', { gapMs: 3 * HOUR, verifiedMs: 192 * HOUR, recipients: 2 }],
  ])('takes targets: %s', (targets, expected) => {
    expect(read({ targets }).targets).toMatchObject(expected)
    expect(read({ targets }).targets).not.toHaveProperty('replicaMs')
  })

  it('looks at a second store where it is given one', () => {
    expect(read({})).not.toHaveProperty('replica')
    expect(read({ replica: 'file:///mnt/copy', targets: 'replica=8d' })).toMatchObject({
      replica: { store: { kind: 'directory', path: '/mnt/copy' }, prefix: 'db/' },
      targets: { replicaMs: 192 * HOUR },
    })
  })

  it.each([
    [{ 'expire-days': '90' }, /^expire-days: is for a bucket, and bucket names a directory/m],
    [{ targets: 'replica=8d' }, /^targets: replica=… is how far a second store may be behind/m],
    [{ replica: 's3://copies/db' }, /^replica: names no region/m],
    [{ replica: 'file:///srv/backups' }, /^replica: is where the backups themselves stand/m],
    [{ targets: 'replica=10ms', replica: 'file:///mnt/copy' }, /^targets: /m],
    [{ source: 'mongodb' }, /^source: "mongodb" is not one of/m],
  ])('refuses %j', (inputs, message) => {
    expect(problems(inputs)).toMatch(message)
  })

  it("wants the replica's own keys", () => {
    const told = problems({ replica: 's3://copies/db?region=eu-central-1' }, {})
    expect(told).toMatch(/^REPLICA_ACCESS_KEY_ID: is missing/m)
    expect(told).toMatch(/^REPLICA_SECRET_ACCESS_KEY: is missing/m)
  })
})
