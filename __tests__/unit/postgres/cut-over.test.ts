import { describe, expect, it } from '@jest/globals'
import { cutOverNames, cutOverStatements } from '../../../src/postgres/cut-over.ts'

const STAMP = '20261122T021500Z'

describe('the names of a cut-over', () => {
  it('tell which is which and when', () => {
    expect(cutOverNames('shop', STAMP)).toEqual({
      database: 'shop',
      copy: `shop_restored_${STAMP}`,
      previous: `shop_before_${STAMP}`,
    })
  })

  it.each(['x'.repeat(63), 'é'.repeat(31), '🛟'.repeat(15)])('fit into what PostgreSQL keeps: %s', (name) => {
    const { copy, previous } = cutOverNames(name, STAMP)
    expect(Buffer.byteLength(copy)).toBeLessThanOrEqual(63)
    expect(Buffer.byteLength(previous)).toBeLessThanOrEqual(63)
    expect(copy).not.toBe(previous)
    expect(`${copy}${previous}`).not.toContain('\ufffd')
  })

  it('are quoted in the statements, whatever they hold', () => {
    const text = cutOverStatements(cutOverNames(`a"b'c`, STAMP)).join('\n')
    expect(text).toContain('ALTER DATABASE "a""b\'c" WITH ALLOW_CONNECTIONS false;')
    expect(text).toContain("datname = 'a\"b''c'")
  })
})
