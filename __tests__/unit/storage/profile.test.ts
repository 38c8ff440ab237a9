import { describe, expect, it } from '@jest/globals'
import { r2Endpoint, storeProfile } from '../../../src/storage/profile.ts'

const ACCOUNT = '0123456789abcdef0123456789abcdef'

describe('storeProfile', () => {
  it.each([
    [undefined, 'aws', 'us-east-1', false],
    ['https://s3.eu-central-1.amazonaws.com', 'aws', 'eu-central-1', false],
    ['https://s3.dualstack.us-west-2.amazonaws.com', 'aws', 'us-west-2', false],
    ['https://s3-fips.us-gov-west-1.amazonaws.com', 'aws', 'us-gov-west-1', false],
    [`https://${ACCOUNT}.r2.cloudflarestorage.com`, 'r2', 'auto', true],
    [`https://${ACCOUNT}.eu.r2.cloudflarestorage.com/`, 'r2', 'auto', true],
    [`https://${ACCOUNT}.fedramp.r2.cloudflarestorage.com`, 'r2', 'auto', true],
    [`https://${ACCOUNT}.us.r2.cloudflarestorage.com`, 'r2', 'auto', true],
    ['http://127.0.0.1:7480', 's3', 'us-east-1', true],
    ['https://s3.example.com', 's3', 'us-east-1', true],
    [`https://${ACCOUNT}.r2.cloudflarestorage.com.example.com`, 's3', 'us-east-1', true],
    ['https://s3.amazonaws.com.example.com', 's3', 'us-east-1', true],
  ])('takes %s for %s', (endpoint, kind, region, pathStyle) => {
    expect(storeProfile(endpoint)).toMatchObject({ kind, region, pathStyle })
  })

  it('never claims that R2 keeps versions, and wants equal parts there', () => {
    expect(storeProfile(r2Endpoint(ACCOUNT))).toMatchObject({
      versioning: false,
      equalParts: true,
      conditionalComplete: true,
      maxParts: 10_000,
    })
  })

  it('does not trust an unknown store to refuse when completing', () => {
    expect(storeProfile('https://s3.example.com').conditionalComplete).toBe(false)
  })

  it.each([
    's3.example.com',
    'ftp://s3.example.com',
    'https://',
    'https://s3.example.com/bucket',
    'https://h/?a=b',
  ])('refuses the endpoint %s', (endpoint) => {
    expect(() => storeProfile(endpoint)).toThrow(expect.objectContaining({ code: 'input' }))
  })

  it('does not repeat a password that stands in an endpoint', () => {
    expect(() => storeProfile('https://me:hunter22@s3.example.com')).toThrow(
      expect.objectContaining({ code: 'input', message: expect.not.stringContaining('hunter22') }),
    )
  })
})

describe('r2Endpoint', () => {
  it('builds the address of an account, in a jurisdiction or none', () => {
    expect(r2Endpoint(` ${ACCOUNT.toUpperCase()} `)).toBe(`https://${ACCOUNT}.r2.cloudflarestorage.com`)
    expect(r2Endpoint(ACCOUNT, 'eu')).toBe(`https://${ACCOUNT}.eu.r2.cloudflarestorage.com`)
  })

  it.each(['', 'abc', `${ACCOUNT}0`, 'x'.repeat(32), `${ACCOUNT}.evil.example/`])('refuses %j', (account) => {
    expect(() => r2Endpoint(account)).toThrow(expect.objectContaining({ code: 'input' }))
  })
})
