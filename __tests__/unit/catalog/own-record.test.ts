import { describe, expect, it } from '@jest/globals'
import { notOfBackup } from '../../../src/catalog/own-record.ts'

const ID = '20261122T021500Z-0123ab'
const SHA = 'a'.repeat(64)
const FILE = 'verified-20261122T031500Z-ok.json'
const record = (change: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ backup: ID, verdict: 'ok', manifestSha256: SHA, ...change }))

describe('A record beside a backup', () => {
  it('is of it, whatever else a later Lifeboat writes there', () => {
    expect(
      notOfBackup(record({ format: 9, more: true }), FILE, { id: ID, manifestSha256: SHA }),
    ).toBeUndefined()
  })

  it.each([
    [record({ manifestSha256: 'b'.repeat(64) }), /another manifest/],
    [record({ backup: '20261122T021500Z-ffffff' }), /another backup/],
    [record({ verdict: 'failed' }), /another verdict than its name/],
    [record({ manifestSha256: undefined }), /no verification record/],
    [Buffer.from('{}'), /no verification record/],
    [Buffer.from('<html>'), /no verification record/],
  ])('is not: %s', (bytes, why) => {
    expect(notOfBackup(bytes, FILE, { id: ID, manifestSha256: SHA })).toMatch(why)
  })
})
