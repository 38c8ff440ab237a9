import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { s3Credentials } from '../../../src/storage/s3/credentials.ts'
import { openS3Store } from '../../../src/storage/s3/s3-store.ts'
import { startCountingS3 } from '../../support/counting-s3.ts'

const MIB = 2 ** 20

/** AWS's security token service, as far as a web identity goes: keys that are good for `lifetimeMs`. */
interface TokenService extends AsyncDisposable {
  readonly endpoint: string
  readonly requests: URLSearchParams[]
}

async function startTokenService(lifetimeMs: number): Promise<TokenService> {
  const requests: URLSearchParams[] = []
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push(new URLSearchParams(Buffer.concat(chunks).toString()))
      const expiration = new Date(Date.now() + lifetimeMs).toISOString()
      response.setHeader('content-type', 'text/xml')
      response.end(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA${requests.length}</AccessKeyId>
        <SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>
        <Expiration>${expiration}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
        </AssumeRoleWithWebIdentityResponse>`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function* megabytes(count: number): AsyncIterable<Uint8Array> {
  for (let index = 0; index < count; index++) yield await Promise.resolve(Buffer.alloc(MIB, index))
}

describe('A role assumed with the run’s OIDC token', () => {
  const saved = process.env['AWS_ENDPOINT_URL_STS']
  let store: Awaited<ReturnType<typeof startCountingS3>>

  beforeAll(async () => {
    store = await startCountingS3()
  })
  afterAll(async () => {
    if (saved === undefined) delete process.env['AWS_ENDPOINT_URL_STS']
    else process.env['AWS_ENDPOINT_URL_STS'] = saved
    await store[Symbol.asyncDispose]()
  })

  const upload = async (lifetimeMs: number): Promise<{ tokens: number; requests: URLSearchParams[] }> => {
    await using service = await startTokenService(lifetimeMs)
    process.env['AWS_ENDPOINT_URL_STS'] = service.endpoint
    let tokens = 0
    const token = (): Promise<string> => Promise.resolve(`token-${++tokens}`)
    const arn = 'arn:aws:iam::123456789012:role/backup'
    const credentials = await s3Credentials({ kind: 'role', arn, region: 'eu-west-1', token })
    const opened = await openS3Store({
      bucket: 'b',
      endpoint: store.endpoint,
      region: 'eu-west-1',
      credentials,
    })
    const options = { expectedBytes: 40 * MIB, signal: new AbortController().signal }
    await opened.write(`key-${lifetimeMs}`, () => megabytes(40), options)
    opened.close()
    return { tokens, requests: service.requests }
  }

  it('is asked for once while its keys are good', async () => {
    const { tokens, requests } = await upload(3_600_000)
    expect(tokens).toBe(requests.length)
    expect(requests.length).toBeLessThanOrEqual(2)
    expect(requests[0]?.get('RoleArn')).toBe('arn:aws:iam::123456789012:role/backup')
    expect(requests[0]?.get('WebIdentityToken')).toBe('token-1')
  })

  it('is asked for again, with a fresh token, when its keys expire in the middle of an upload', async () => {
    const { tokens, requests } = await upload(1_000)
    expect(requests.length).toBeGreaterThan(2)
    expect(tokens).toBe(requests.length)
    expect(new Set(requests.map((request) => request.get('WebIdentityToken'))).size).toBe(tokens)
  })
})
