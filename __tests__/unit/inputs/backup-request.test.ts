import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import { COMMANDS, readRequest } from '../../../src/inputs.ts'
import type { BackupRequest } from '../../../src/inputs/request.ts'

const ACCOUNT = '0123456789abcdef0123456789abcdef'
const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'
const ROLE = 'arn:aws:iam::123456789012:role/backup'

type Given = Readonly<Record<string, string>>

/** Inputs as they stand below `with:`. */
function inputs(given: Given): Given {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  )
}

const r2: Given = {
  ...inputs({ command: 'backup' }),
  DATABASE_URL: 'postgresql://backup:hunter2hunter2@db.example.com/shop?sslmode=verify-full',
  BACKUP_BUCKET: 'shop-backups',
  R2_ACCOUNT_ID: ACCOUNT,
  R2_ACCESS_KEY_ID: 'key-id',
  R2_SECRET_ACCESS_KEY: 'secret-key',
  AGE_RECIPIENT: RECIPIENT,
}

const { R2_ACCOUNT_ID: _account, R2_ACCESS_KEY_ID: _id, R2_SECRET_ACCESS_KEY: _key, ...elsewhere } = r2
const aws: Given = { ...elsewhere, BACKUP_REGION: 'eu-central-1' }

function read(env: Given): BackupRequest {
  const request = readRequest(env, 'linux')
  if (request.command !== 'backup') throw new Error(`it is a request to ${request.command}`)
  return request
}

function problems(env: Given): string[] {
  try {
    read(env)
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'input') return error.message.split('\n').slice(1)
    throw error
  }
  return []
}

/** What a step before left in the environment, for another place. */
const FOREIGN_ROLE = {
  AWS_ACCESS_KEY_ID: 'ASIA9',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_SESSION_TOKEN: 'its-token',
}

describe('a request to back up', () => {
  it('is complete with nothing but the environment', () => {
    expect(read(r2)).toMatchObject({
      command: 'backup',
      source: 'postgres',
      store: {
        kind: 's3',
        bucket: 'shop-backups',
        region: 'auto',
        endpoint: `https://${ACCOUNT}.r2.cloudflarestorage.com`,
        provider: 'r2',
        credentials: { kind: 'static', accessKeyId: 'key-id', secretAccessKey: 'secret-key' },
      },
      prefix: 'db/',
      connection: { host: 'db.example.com', port: 5432, user: 'backup', database: 'shop' },
      databases: undefined,
      compression: { format: 'xz', level: '6' },
      recipients: [RECIPIENT],
      fingerprint: 'digest',
      maxShrink: { warn: 0.5 },
      limits: { stallMs: 600_000, snapshotMs: 21_600_000, retries: 11 },
      targets: {},
      notices: [],
      warnings: [],
    })
    expect(read(r2).secrets).toContain('hunter2hunter2')
  })

  it('takes every input of the step', () => {
    const request = read({
      ...r2,
      ...inputs({
        bucket: 'other',
        prefix: '/nightly',
        'pg-bin-dir': '/opt/pg/bin/',
        databases: 'shop, crm\n"odd"',
        compression: 'zstd:3',
        fingerprint: 'counts',
        'max-shrink': 'warn=30% fail=90%',
        limits: 'part=64MiB stall=20m lock=30s',
        targets: 'recipients=1',
      }),
    })
    expect(request).toMatchObject({
      store: { bucket: 'other' },
      prefix: 'nightly/',
      pgBinDir: '/opt/pg/bin',
      databases: ['shop', 'crm', '"odd"'],
      compression: { format: 'zstd', level: '3' },
      fingerprint: 'counts',
      maxShrink: { warn: 0.3, fail: 0.9 },
      limits: {
        partBytes: 67_108_864,
        stallMs: 1_200_000,
        snapshotMs: 21_600_000,
        lockWaitMs: 30_000,
        retries: 11,
      },
      targets: { recipients: 1 },
    })
    expect(read({ ...r2, ...inputs({ databases: '*' }) })).toMatchObject({ databases: 'all' })
    expect(read({ ...r2, ...inputs({ name: 'till' }) }).name).toBe('till')
  })

  it('names everything that is wrong at once, each by its input', () => {
    const found = problems({
      ...inputs({
        command: 'backup',
        'database-url': 'mysql://u:hunter22@h/d',
        prefix: 'a/../b',
        databases: '*',
        name: 'x',
        limits: 'stall=never retrys=3',
        'max-shrink': 'warn=90% fail=50%',
        compression: 'gzip',
        fingerprint: 'md5',
        'pg-bin-dir': 'bin',
        bukcet: 'shop',
      }),
    })
    const names = found.map((line) => line.slice(0, line.indexOf(':')))
    expect(new Set(names)).toEqual(
      new Set([
        'bukcet',
        'bucket',
        'region',
        'prefix',
        'age-recipients',
        'database-url',
        'name',
        'pg-bin-dir',
        'compression',
        'fingerprint',
        'max-shrink',
        'limits',
      ]),
    )
    expect(found.join('\n')).not.toContain('hunter22')
    expect(found.find((line) => line.startsWith('limits'))).toMatch(/never.*Did you mean retries\?/)
    expect(found.find((line) => line.startsWith('bukcet'))).toMatch(/Did you mean bucket\?/)
  })

  it('needs a command, and one that exists', () => {
    expect(problems({})).toEqual([`command: is missing. Write one of: ${COMMANDS.join(', ')}.`])
    expect(problems(inputs({ command: 'bakcup' }))).toEqual([
      `command: "bakcup" is not one of: ${COMMANDS.join(', ')}. Did you mean backup?`,
    ])
  })

  it('is refused on Windows and nowhere else', () => {
    expect(() => readRequest(r2, 'win32')).toThrow(expect.objectContaining({ code: 'platform' }))
    expect(readRequest(r2, 'darwin').command).toBe('backup')
  })

  it('hands on what the URL parser dropped', () => {
    expect(read({ ...r2, DATABASE_URL: `${r2.DATABASE_URL ?? ''}&schema=public` }).notices).toHaveLength(1)
  })

  it('warns of a password that others may read on its way, and of a setting that nobody reads', () => {
    const url = 'postgresql://backup:hunter2hunter2@db.example.com/shop'
    expect(read({ ...r2, DATABASE_URL: url }).warnings).toEqual([expect.stringContaining('unencrypted')])
    const set = {
      ...r2,
      DATABASE_URL: `${url}?sslmode=verify-full`,
      PGSSLMODE: 'disable',
      PGREQUIREAUTH: 'md5',
    }
    expect(read(set).warnings).toEqual([expect.stringMatching(/^PGREQUIREAUTH is set, and not read/)])
  })

  it('warns of a password that masking would spread over everything', () => {
    const { warnings } = read({ ...r2, DATABASE_URL: 'postgresql://u:shop@localhost/shop' })
    expect(warnings).toHaveLength(2)
    expect(warnings.join(' ')).not.toContain('"shop"')
  })
})

describe('recipients', () => {
  it('may be none only in so many words', () => {
    expect(read({ ...r2, ...inputs({ 'age-recipients': 'none' }) }).recipients).toEqual([])
    expect(problems({ ...r2, AGE_RECIPIENT: '' })).toEqual([
      expect.stringMatching(/^age-recipients: .*age-keygen.*none/),
    ])
    expect(problems({ ...r2, AGE_RECIPIENT: `none ${RECIPIENT}` })).toEqual([
      expect.stringMatching(/^age-recipients \(from AGE_RECIPIENT\): holds "none" beside/),
    ])
  })

  it('never show a secret key that was given by mistake', () => {
    const key = 'AGE-SECRET-KEY-1QQPQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ'
    const [line = ''] = problems({ ...r2, AGE_RECIPIENT: key })
    expect(line).toMatch(/secret key/)
    expect(line).not.toContain('1QQPQQQ')
  })

  it('are at least as many as the target asks for', () => {
    expect(problems({ ...r2, ...inputs({ targets: 'recipients=2' }) })[0]).toMatch(/names 1 recipient\(s\)/)
    expect(
      problems({ ...r2, ...inputs({ targets: 'recipients=1', 'age-recipients': 'none' }) }),
    ).toHaveLength(1)
  })
})

describe('a store on R2', () => {
  it('needs both keys: half a pair never becomes another identity', () => {
    expect(problems({ ...r2, R2_ACCESS_KEY_ID: '' })).toEqual([
      expect.stringMatching(/^access-key-id: is missing/),
    ])
    expect(problems({ ...r2, R2_SECRET_ACCESS_KEY: ' ' })).toEqual([
      expect.stringMatching(/^secret-access-key: is missing/),
    ])
    const none = problems({ ...r2, R2_ACCESS_KEY_ID: '', R2_SECRET_ACCESS_KEY: '', AWS_ACCESS_KEY_ID: 'x' })
    expect(none).toHaveLength(2)
  })

  it('may be given by its endpoint, which need only agree with the account', () => {
    const endpoint = `https://${ACCOUNT}.r2.cloudflarestorage.com/`
    expect(read({ ...r2, R2_ENDPOINT: endpoint }).store).toEqual(read(r2).store)
    expect(read({ ...r2, R2_ENDPOINT: endpoint }).notices).toEqual([])
  })

  it('takes the endpoint where both come from the environment and differ, and says so', () => {
    const request = read({ ...r2, R2_ENDPOINT: 'http://127.0.0.1:9000' })
    expect(request.store).toMatchObject({ endpoint: 'http://127.0.0.1:9000', provider: 's3' })
    expect(request.notices).toEqual([expect.stringContaining('r2-account-id (from R2_ACCOUNT_ID)')])
  })

  it('lets the step outweigh the environment, and refuses two that the step contradicts itself with', () => {
    const env = { ...r2, R2_ENDPOINT: 'http://127.0.0.1:9000' }
    expect(read({ ...env, ...inputs({ 'r2-account-id': `${ACCOUNT}.eu` }) }).store).toMatchObject({
      endpoint: `https://${ACCOUNT}.eu.r2.cloudflarestorage.com`,
    })
    const both = inputs({ 'r2-account-id': ACCOUNT, endpoint: 'https://s3.example.com' })
    expect(problems({ ...r2, ...both })).toEqual([
      expect.stringMatching(/^endpoint: is not that of r2-account-id/),
    ])
  })

  it('takes no role', () => {
    const { R2_ACCESS_KEY_ID: _1, R2_SECRET_ACCESS_KEY: _2, ...env } = r2
    expect(problems({ ...env, ...inputs({ 'role-to-assume': ROLE }) })).toEqual([
      expect.stringMatching(/^role-to-assume: is for AWS only/),
    ])
  })
})

describe('a store on AWS', () => {
  it('uses the keys, the role, or what the SDK finds', () => {
    const keys = { R2_ACCESS_KEY_ID: 'AKIA1', R2_SECRET_ACCESS_KEY: 'secret-key' }
    expect(read({ ...aws, ...keys }).store).toMatchObject({
      provider: 'aws',
      credentials: { kind: 'static' },
    })
    expect(read({ ...aws, ...inputs({ 'role-to-assume': ROLE }) }).store).toMatchObject({
      region: 'eu-central-1',
      credentials: { kind: 'role', arn: ROLE },
    })
    expect(read(aws).store).toMatchObject({ credentials: { kind: 'chain' } })
    expect(read(aws).store).not.toHaveProperty('endpoint')
  })

  it('needs a real region, unless its endpoint tells', () => {
    for (const region of ['', 'auto']) {
      expect(problems({ ...aws, BACKUP_REGION: region })).toEqual([
        expect.stringMatching(/^region: is missing.*R2_ACCOUNT_ID/),
      ])
    }
    const regional = { ...aws, BACKUP_REGION: '', R2_ENDPOINT: 'https://s3.eu-west-3.amazonaws.com' }
    expect(read(regional).store).toMatchObject({ region: 'eu-west-3', provider: 'aws' })
  })

  it.each([
    ['role-to-assume', { 'role-to-assume': 'backup' }, {}],
    ['role-to-assume', { 'role-to-assume': ROLE }, { R2_ACCESS_KEY_ID: 'x' }],
    ['secret-access-key', {}, { R2_ACCESS_KEY_ID: 'AKIA1' }],
    ['access-key-id', {}, { R2_ACCESS_KEY_ID: 'ASIA1', R2_SECRET_ACCESS_KEY: 'secret-key' }],
    ['secret-access-key', {}, { R2_ACCESS_KEY_ID: 'same', R2_SECRET_ACCESS_KEY: 'same' }],
    ['secret-access-key', {}, { R2_ACCESS_KEY_ID: 'AKIA1', R2_SECRET_ACCESS_KEY: 'two parts' }],
  ])('refuses a %s that cannot work (%#)', (name, given: Given, env: Given) => {
    expect(problems({ ...aws, ...inputs(given), ...env })).toEqual([
      expect.stringMatching(new RegExp(`^${name}`)),
    ])
  })

  it.each<[string, Given, Given, string | undefined]>([
    ['AWS', {}, { R2_ACCESS_KEY_ID: 'ASIA1', AWS_SESSION_TOKEN: 'token-1' }, 'token-1'],
    ['R2', { 'r2-account-id': 'a'.repeat(32) }, { R2_SESSION_TOKEN: 'token-1' }, 'token-1'],
    ['R2, beside a role of AWS', { 'r2-account-id': 'a'.repeat(32) }, FOREIGN_ROLE, undefined],
    ['any store', { endpoint: 'https://s3.example.com' }, { AWS_SESSION_TOKEN: 'token-1' }, 'token-1'],
    ['any store, beside a role of AWS', { endpoint: 'https://s3.example.com' }, FOREIGN_ROLE, undefined],
    [
      'AWS with a key that does not expire',
      {},
      { R2_ACCESS_KEY_ID: 'AKIA1', AWS_SESSION_TOKEN: 't' },
      undefined,
    ],
  ])('takes the session token that belongs to the key: %s', (_, given, env, sessionToken) => {
    const keys = { R2_ACCESS_KEY_ID: 'key-id', R2_SECRET_ACCESS_KEY: 'secret-key' }
    const { store } = read({ ...aws, BACKUP_REGION: 'eu-west-3', ...keys, ...inputs(given), ...env })
    expect(store.kind === 's3' && store.credentials).toEqual({
      kind: 'static',
      accessKeyId: env['R2_ACCESS_KEY_ID'] ?? 'key-id',
      secretAccessKey: 'secret-key',
      ...(sessionToken !== undefined && { sessionToken }),
    })
  })

  it('refuses a session token that is none, and does not print it', () => {
    const env = {
      R2_ACCESS_KEY_ID: 'ASIA1',
      R2_SECRET_ACCESS_KEY: 'secret-key',
      R2_SESSION_TOKEN: 'two parts',
    }
    expect(problems({ ...aws, ...env })).toEqual([
      expect.stringMatching(/^R2_SESSION_TOKEN: holds white space/),
    ])
    expect(problems({ ...aws, ...env }).join()).not.toContain('two parts')
  })
})

describe('a store elsewhere', () => {
  it('needs an endpoint and keys, and gets a warning on plain http in a network', () => {
    const env = {
      ...elsewhere,
      R2_ACCESS_KEY_ID: 'id',
      R2_SECRET_ACCESS_KEY: 'secret-key',
      R2_ENDPOINT: 'http://minio:9000',
    }
    expect(read(env).store).toMatchObject({ provider: 's3', endpoint: 'http://minio:9000' })
    expect(read(env).warnings).toEqual([expect.stringContaining('is not encrypted')])
    expect(problems({ ...env, R2_ACCESS_KEY_ID: '', R2_SECRET_ACCESS_KEY: '' })).toHaveLength(2)
  })
})

describe('a directory as store', () => {
  it('needs nothing of S3, and does not mind what the environment says of it', () => {
    const request = read({ ...r2, BACKUP_BUCKET: 'file:///srv/backups' })
    expect(request.store).toEqual({ kind: 'directory', path: '/srv/backups' })
    expect(request.secrets).toContain('secret-key')
  })

  it('is contradicted by inputs of S3 in the step', () => {
    const env = {
      ...elsewhere,
      ...inputs({ bucket: 'file:///srv/backups', region: 'auto', limits: 'part=8MiB' }),
    }
    expect(problems(env).map((line) => line.slice(0, line.indexOf(':')))).toEqual(['region', 'limits'])
  })
})

describe('databases', () => {
  it.each([
    ['shop, shop', 'names "shop" twice'],
    ['*, shop', 'holds "*" beside names'],
    [' , ', 'names no database'],
  ])('cannot be %s', (databases, message) => {
    expect(problems({ ...r2, ...inputs({ databases }) })).toEqual([expect.stringContaining(message)])
  })
})

describe('limits and shrinkage', () => {
  it.each([
    ['limits', 'part=1MiB', 'out of range'],
    ['limits', 'part=2GiB', 'out of range'],
    ['limits', 'stall=0s', 'out of range'],
    ['limits', 'retries=21', 'whole number from 0 to 20'],
    ['limits', 'retries=-1', 'whole number from 0 to 20'],
    ['max-shrink', 'warn=0%', 'percentage above 0%'],
    ['max-shrink', 'fail=90', 'percentage above 0%'],
    ['targets', 'rpo=26h', 'not one of recipients'],
  ])('refuse %s: %s', (name, value, message) => {
    expect(problems({ ...r2, ...inputs({ [name]: value }) })).toEqual([expect.stringContaining(message)])
  })

  it('warn no later than they fail', () => {
    expect(read({ ...r2, ...inputs({ 'max-shrink': 'fail=20%' }) }).maxShrink).toEqual({
      warn: 0.2,
      fail: 0.2,
    })
    expect(read({ ...r2, ...inputs({ 'max-shrink': 'fail=90%' }) }).maxShrink).toEqual({
      warn: 0.5,
      fail: 0.9,
    })
  })
})
