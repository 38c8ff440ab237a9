import { describe, expect, it } from '@jest/globals'
import { parseEndpoint, parseR2Account } from '../../../src/inputs/endpoint.ts'

const ACCOUNT = '0123456789abcdef0123456789abcdef'

describe('an endpoint', () => {
  it.each([
    ['https://s3.example.com/', 'https://s3.example.com', 's3'],
    ['https://s3.example.com:9000', 'https://s3.example.com:9000', 's3'],
    [`https://${ACCOUNT}.r2.cloudflarestorage.com`, `https://${ACCOUNT}.r2.cloudflarestorage.com`, 'r2'],
    [
      `https://${ACCOUNT}.eu.r2.cloudflarestorage.com/`,
      `https://${ACCOUNT}.eu.r2.cloudflarestorage.com`,
      'r2',
    ],
    ['https://s3.eu-central-1.amazonaws.com', 'https://s3.eu-central-1.amazonaws.com', 'aws'],
  ])('%s is an address of its kind', (text, url, kind) => {
    const endpoint = parseEndpoint(text)
    expect([endpoint.url, endpoint.profile.kind, endpoint.exposed]).toEqual([url, kind, false])
  })

  it('may be plain http on this machine', () => {
    for (const text of [
      'http://127.0.0.1:9000',
      'http://localhost:9000',
      'http://[::1]:9000',
      'http://s3.localhost',
    ]) {
      expect(parseEndpoint(text).exposed).toBe(false)
    }
  })

  it('may be plain http in a private network, which is exposed', () => {
    for (const host of [
      '10.1.2.3',
      '192.168.0.9:9000',
      '172.20.0.1',
      'minio:9000',
      'nas.local',
      '[fd00::1]',
    ]) {
      expect(parseEndpoint(`http://${host}`).exposed).toBe(true)
    }
  })

  it.each([
    ['http://s3.example.com', 'without encryption'],
    ['http://172.32.0.1', 'without encryption'],
    ['http://8.8.8.8', 'without encryption'],
    ['s3.example.com', 'not an http or https address'],
    ['ftp://s3.example.com', 'not an http or https address'],
    [`https://${ACCOUNT}.r2.cloudflarestorage.com/shop`, 'has a path'],
    ['https://shop.r2.cloudflarestorage.com', 'not the endpoint of an R2 account'],
  ])('cannot be %s', (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(message)
  })

  it('with a password in it is refused without repeating it', () => {
    expect(() => parseEndpoint('https://key:hunter22@s3.example.com')).toThrow(/user name or a password/)
    expect(() => parseEndpoint('https://key:hunter22@s3.example.com')).not.toThrow(/hunter22/)
  })
})

describe('an R2 account', () => {
  it('has an endpoint, in its jurisdiction where it names one', () => {
    expect(parseR2Account(ACCOUNT.toUpperCase()).url).toBe(`https://${ACCOUNT}.r2.cloudflarestorage.com`)
    for (const place of ['eu', 'fedramp', 'us']) {
      expect(parseR2Account(`${ACCOUNT}.${place}`)).toMatchObject({
        url: `https://${ACCOUNT}.${place}.r2.cloudflarestorage.com`,
        profile: { kind: 'r2' },
      })
    }
  })

  it.each(['0123', `${ACCOUNT}0`, `${ACCOUNT}.de`, `${ACCOUNT}.eu.x`, `${ACCOUNT}.`, 'x'.repeat(32)])(
    'is not %s',
    (text) => {
      expect(() => parseR2Account(text)).toThrow()
    },
  )
})
