import { describe, expect, it } from '@jest/globals'
import { INPUTS } from '../../../src/inputs/table.ts'
import { readGiven, rowsFor } from '../../../src/inputs/given.ts'
import { collectProblems } from '../../../src/inputs/problems.ts'
import { readReplica, type Primary } from '../../../src/inputs/replica.ts'
import type { ReplicaRequest } from '../../../src/inputs/request.ts'
import { secretsIn } from '../../../src/inputs/secrets.ts'

const ACCOUNT = '0123456789abcdef0123456789abcdef'
const R2 = `https://${ACCOUNT}.r2.cloudflarestorage.com`
const KEYS = { REPLICA_ACCESS_KEY_ID: 'copy-id', REPLICA_SECRET_ACCESS_KEY: 'copy-secret' }
const CREDENTIALS = { kind: 'static', accessKeyId: 'copy-id', secretAccessKey: 'copy-secret' } as const
const PRIMARY = {
  store: {
    kind: 's3',
    bucket: 'shop-backups',
    region: 'auto',
    endpoint: R2,
    provider: 'r2',
    credentials: { kind: 'static', accessKeyId: 'id', secretAccessKey: 'secret' },
  },
  prefix: 'db/',
} as const satisfies Primary

interface Told {
  readonly replica: ReplicaRequest | undefined
  readonly problems: string
  readonly warnings: readonly string[]
}

function read(
  url: string,
  { env = KEYS, primary = PRIMARY }: { env?: Readonly<Record<string, string>>; primary?: Primary } = {},
): Told {
  const problems = collectProblems()
  const remarks = { notices: [], warnings: [] }
  const given = readGiven({ INPUT_REPLICA: url, ...env }, rowsFor('postgres', INPUTS))
  const replica = readReplica(given, primary, problems, remarks)
  return { replica, problems: problems.any ? problems.failure().message : '', warnings: remarks.warnings }
}

describe('a replica', () => {
  it.each([
    [
      's3://shop-copy/db?region=eu-central-1',
      { kind: 's3', bucket: 'shop-copy', region: 'eu-central-1', provider: 'aws', credentials: CREDENTIALS },
      'db/',
    ],
    [
      's3://shop_copy/a/b/?endpoint=https://s3.example.com:9000',
      {
        kind: 's3',
        bucket: 'shop_copy',
        region: 'us-east-1',
        endpoint: 'https://s3.example.com:9000',
        provider: 's3',
        credentials: CREDENTIALS,
      },
      'a/b/',
    ],
    [
      `r2://${ACCOUNT}.eu/shop-copy/copy%20of/db`,
      {
        kind: 's3',
        bucket: 'shop-copy',
        region: 'auto',
        endpoint: `https://${ACCOUNT}.eu.r2.cloudflarestorage.com`,
        provider: 'r2',
        credentials: CREDENTIALS,
      },
      'copy of/db/',
    ],
    ['file:///mnt/nas', { kind: 'directory', path: '/mnt/nas' }, 'db/'],
    ['file:///mnt/nas?prefix=/', { kind: 'directory', path: '/mnt/nas' }, ''],
    ['FILE:///mnt/the%20nas/?prefix=shop/db', { kind: 'directory', path: '/mnt/the nas' }, 'shop/db/'],
  ])('is read from %s', (url, store, prefix) => {
    expect(read(url)).toEqual({ replica: { store, prefix }, problems: '', warnings: [] })
  })

  it('has the prefix of the backups where its URL names none', () => {
    const primary = { ...PRIMARY, prefix: 'meili/' }
    for (const url of ['s3://shop-copy?region=eu-central-1', `r2://${ACCOUNT}/shop-copy/`]) {
      expect(read(url, { primary }).replica?.prefix).toBe('meili/')
    }
  })

  it('is none where none is named', () => {
    expect(read('')).toEqual({ replica: undefined, problems: '', warnings: [] })
  })

  it.each([
    ['https://s3.example.com/shop-copy', 'is not the URL of a store'],
    ['shop-copy', 'is not the URL of a store'],
    ['s3:/shop-copy/db', 'is not the URL of a store'],
    ['s3://shop-copy/db', 'names no region'],
    ['s3://shop-copy:9000/db?region=eu-central-1', 'has a host and a port'],
    ['s3://Shop-Copy/db?region=eu-central-1', 'bucket: is not a name that a bucket can have'],
    ['s3://shop-copy/a/../db?region=eu-central-1', 'holds "." or ".." as a folder'],
    ['s3://shop-copy/a/%2e%2e/db?region=eu-central-1', 'holds "." or ".." as a folder'],
    ['s3://shop-copy/_lifeboat?region=eu-central-1', 'prefix: names a folder "_lifeboat'],
    ['s3://shop-copy/50%?region=eu-central-1', 'holds a "%"'],
    ['s3://shop-copy/db?region=eu-central-1#db', 'holds "#"'],
    ['s3://shop-copy/db?endpoint=s3.example.com', 'endpoint: The endpoint of the store is not an http'],
    [
      's3://shop-copy/db?endpoint=http://s3.example.com',
      'endpoint: leads to s3.example.com without encryption',
    ],
    ['s3://shop-copy/db?regoin=eu-central-1&region=eu-central-1', 'has "regoin" behind "?"'],
    ['s3://shop-copy/db?region=eu-central-1&region=eu-west-1', 'names its region twice'],
    ['s3://shop-copy/db?region=a/b', 'region: is no name of a region'],
    ['r2://0123/shop-copy/db', 'account: The R2 account id is not 32 hexadecimal digits'],
    [`r2://${ACCOUNT}.asia/shop-copy/db`, 'account: has a jurisdiction that R2 does not know'],
    [`r2://${ACCOUNT}/`, 'bucket: is not a name that a bucket can have'],
    [`r2://${ACCOUNT}/shop-copy/db?region=auto`, 'has "region" behind "?"'],
    ['file:/mnt/nas', 'is not the URL of a store'],
    ['file:///mnt/../nas', 'holds "." or ".." as a folder'],
    ['file:///mnt/nas?prefix=a//b', 'prefix: holds "//"'],
    ['file:///mnt/nas?region=auto', 'has "region" behind "?"'],
  ])('cannot be %s', (url, complaint) => {
    expect(read(url).problems).toContain(`replica: ${complaint}`)
  })

  it('says all that is wrong at once, and never repeats what may be a key', () => {
    const { problems } = read('s3://C/db?endpoint=nowhere&s3cr3t/key=1', { env: {} })
    expect(problems).toContain('replica: bucket: ')
    expect(problems).toContain('replica: endpoint: ')
    expect(problems).toContain('replica: has a setting behind "?"')
    const withKeys = read('s3://id:s3cr3t-key@shop-copy/db?region=eu-central-1').problems
    expect(withKeys).toContain('replica: holds a user name or a password')
    expect(problems + withKeys).not.toContain('s3cr3t')
  })

  it.each([
    [{}, ['REPLICA_ACCESS_KEY_ID: is missing', 'REPLICA_SECRET_ACCESS_KEY: is missing']],
    [
      { REPLICA_ACCESS_KEY_ID: 'copy-id', REPLICA_SECRET_ACCESS_KEY: ' ' },
      ['REPLICA_SECRET_ACCESS_KEY: is missing'],
    ],
    [
      { REPLICA_ACCESS_KEY_ID: 'same', REPLICA_SECRET_ACCESS_KEY: 'same' },
      ['is the same as REPLICA_ACCESS_KEY_ID'],
    ],
    [
      { REPLICA_ACCESS_KEY_ID: 'a b', REPLICA_SECRET_ACCESS_KEY: 'c' },
      ['REPLICA_ACCESS_KEY_ID: holds white space'],
    ],
    [{ REPLICA_ACCESS_KEY_ID: 'ASIA1', REPLICA_SECRET_ACCESS_KEY: 'c' }, ['is a temporary key of AWS']],
  ])('never falls back to another identity: keys %j', (keys, complaints) => {
    const others = {
      R2_ACCESS_KEY_ID: 'id',
      R2_SECRET_ACCESS_KEY: 'secret',
      AWS_ACCESS_KEY_ID: 'aws-id',
      AWS_SECRET_ACCESS_KEY: 'aws-secret',
    }
    const told = read('s3://shop-copy/db?region=eu-central-1', { env: { ...others, ...keys } })
    expect(told.replica).toBeUndefined()
    for (const complaint of complaints) expect(told.problems).toContain(complaint)
  })

  it('takes the session token of a key that expires: its own, and no other', () => {
    const url = 's3://shop-copy/db?region=eu-central-1'
    const env = { ...KEYS, REPLICA_ACCESS_KEY_ID: 'ASIA1', AWS_SESSION_TOKEN: 'others' }
    expect(read(url, { env }).problems).toContain('REPLICA_SESSION_TOKEN')
    expect(read(url, { env: { ...env, REPLICA_SESSION_TOKEN: 'own' } }).replica?.store).toMatchObject({
      credentials: { accessKeyId: 'ASIA1', sessionToken: 'own' },
    })
    expect(read(url, { env: { ...KEYS, AWS_SESSION_TOKEN: 'others' } }).replica?.store).toMatchObject({
      credentials: CREDENTIALS,
    })
  })

  it('has a secret key and a session token that are masked', () => {
    const env = { REPLICA_SECRET_ACCESS_KEY: 'copy-secret', REPLICA_SESSION_TOKEN: 'copy-token' }
    expect(new Set(secretsIn(env, INPUTS))).toEqual(new Set(['copy-secret', 'copy-token']))
  })

  it.each([
    [`r2://${ACCOUNT}/shop-backups/db`, PRIMARY],
    [`r2://${ACCOUNT}/shop-backups`, PRIMARY],
    [`s3://shop-backups/db/copy?endpoint=${R2}`, PRIMARY],
    [`r2://${ACCOUNT}/shop-backups/db`, { ...PRIMARY, prefix: '' }],
    ['file:///srv/backups', { store: { kind: 'directory', path: '/srv/backups' }, prefix: 'db/' }],
    [
      'file:///srv/backups/db?prefix=/',
      { store: { kind: 'directory', path: '/srv/backups' }, prefix: 'db/' },
    ],
    [
      's3://shop-backups/db?region=eu-west-1',
      {
        store: { ...PRIMARY.store, endpoint: undefined, region: 'eu-central-1', provider: 'aws' },
        prefix: 'db/',
      },
    ],
  ] as readonly (readonly [string, Primary])[])('is refused where the backups are: %s', (url, primary) => {
    expect(read(url, { primary }).problems).toMatch(/replica: is (where|a folder)/)
  })

  it('warns where it shares the bucket, the key, or a line that is not encrypted', () => {
    expect(read(`r2://${ACCOUNT}/shop-backups/copy`).warnings).toEqual([
      expect.stringContaining('same bucket'),
    ])
    const same = { REPLICA_ACCESS_KEY_ID: 'id', REPLICA_SECRET_ACCESS_KEY: 'secret' }
    expect(read(`r2://${ACCOUNT}/shop-copy`, { env: same }).warnings).toEqual([
      expect.stringContaining('know the same key'),
    ])
    expect(read('s3://shop-copy?endpoint=http://nas:9000').warnings).toEqual([
      expect.stringContaining('not encrypted'),
    ])
  })
})
