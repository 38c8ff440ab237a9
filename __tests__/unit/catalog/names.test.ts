import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  backupFolder,
  backupId,
  decodeName,
  encodeName,
  isBackupId,
  nameFolder,
  parseKey,
  parseVerificationFile,
  timeOf,
  verificationFile,
} from '../../../src/catalog/names.ts'

const names = fc.string({ minLength: 1, unit: 'grapheme' })

describe('names', () => {
  it('encodes any database name so that a key stays one segment, and decodes it again', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(encodeName(name)).toMatch(/^[A-Za-z0-9%-][A-Za-z0-9%._-]*$/)
        expect(decodeName(encodeName(name))).toBe(name)
      }),
    )
  })

  it.each([
    ['a/../b', 'a%2F..%2Fb'],
    ['..', '%2E.'],
    ['_lifeboat', '%5Flifeboat'],
    ['Läden', 'L%C3%A4den'],
    ['shop', 'shop'],
  ])('encodes %s as %s', (name, encoded) => {
    expect(encodeName(name)).toBe(encoded)
  })

  it('refuses encodings that it would not have written', () => {
    for (const text of ['a%2fb', '%61', '_x', '.x', '%', '']) expect(decodeName(text)).toBeUndefined()
  })

  it('never lists a neighbour whose name begins alike', () => {
    fc.assert(
      fc.property(names, names, (one, other) => {
        fc.pre(one !== other)
        expect(nameFolder('db/', other).startsWith(nameFolder('db/', one))).toBe(false)
      }),
    )
  })

  it('makes ids that sort by time', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
        fc.nat(1e9),
        (time, later) => {
          const [first, second] = [time, new Date(time.getTime() + 1000 + later)]
          fc.pre(second.getUTCFullYear() < 10_000)
          expect(backupId(first, 'ffffff') < backupId(second, '000000')).toBe(true)
          expect(timeOf(backupId(first, '000000')).getTime()).toBe(Math.floor(first.getTime() / 1000) * 1000)
        },
      ),
    )
  })

  it('takes no time for an id that the calendar does not have', () => {
    expect(isBackupId('20261122T021500Z-1a2b3c')).toBe(true)
    for (const id of ['20261322T021500Z-1a2b3c', '20261122T021500Z-1A2B3C', '20261122T021500Z', 'latest']) {
      expect(isBackupId(id)).toBe(false)
    }
  })

  it('finds name, id and file of a key, and nothing in anybody else’s', () => {
    const id = '20261122T021500Z-1a2b3c'
    const key = `${backupFolder('db/', 'a/b', id)}manifest.json`
    expect(parseKey('db/', key)).toEqual({ name: 'a/b', id, file: 'manifest.json' })
    for (const foreign of [
      `db/${id}/manifest.json`,
      `db/app/${id}/`,
      `db/app/${id}/x/y`,
      'db/app/readme',
      `x/app/${id}/m`,
    ]) {
      expect(parseKey('db/', foreign)).toBeUndefined()
    }
  })

  it('reads the verdict of a verification from its name', () => {
    const time = new Date('2026-11-22T04:30:00Z')
    expect(parseVerificationFile(verificationFile(time, 'failed'))).toEqual({ time, verdict: 'failed' })
    expect(parseVerificationFile('verified-20261122T043000Z-great.json')).toBeUndefined()
  })
})
