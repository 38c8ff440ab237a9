import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import { checkBucket, parseDirectory } from '../../../src/inputs/bucket.ts'

describe('a bucket', () => {
  it('has a name that its store allows', () => {
    for (const name of ['shop-backups', 'a1b', 'x'.repeat(63)]) {
      for (const kind of ['r2', 'aws', 's3'] as const) expect(() => checkBucket(name, kind)).not.toThrow()
    }
    expect(() => checkBucket('shop.backups', 'aws')).not.toThrow()
    expect(() => checkBucket('Shop_Backups', 's3')).not.toThrow()
  })

  it.each(['ab', 'Shop', 'shop_backups', '-shop', 'shop-', 'x'.repeat(64), 'shop backups', 'shop.backups'])(
    'cannot be called %j on R2',
    (name) => {
      expect(() => checkBucket(name, 'r2')).toThrow(LifeboatError)
    },
  )

  it('is not an address of any kind', () => {
    for (const name of ['s3://shop', 'shop/db', 'https://shop', 'arn:aws:s3:::shop']) {
      expect(() => checkBucket(name, 'aws')).toThrow('is not a name of a bucket')
    }
    for (const name of ['192.168.1.1', 'a..b']) expect(() => checkBucket(name, 'aws')).toThrow(LifeboatError)
  })
})

describe('a directory', () => {
  it.each([
    ['file:///srv/backups', '/srv/backups'],
    ['file:///srv/my%20backups/', '/srv/my backups'],
    ['FILE:///srv/größe', '/srv/größe'],
    ['shop-backups', undefined],
  ])('is read from %s as %s', (text, path) => {
    expect(parseDirectory(text)).toBe(path)
  })

  it.each([
    'file://srv/backups',
    'file:srv',
    'file:///',
    'file:////srv',
    'file:///srv/../etc',
    'file:///srv/%2e%2e/etc',
    'file:///srv/a%2Fb',
    'file:///srv/a%00b',
    'file:///srv?x',
  ])('cannot be %s', (text) => {
    expect(() => parseDirectory(text)).toThrow(LifeboatError)
  })
})
