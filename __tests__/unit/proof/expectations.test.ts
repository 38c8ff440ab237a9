import { describe, expect, it } from '@jest/globals'
import { parseExpectations } from '../../../src/proof/expectations.ts'

const FULL = `
tables: [shop.orders, public.t]
queries:
  - name: customers
    query: SELECT count(*) FROM shop.customers
    min: 10
    max: 20
  - query: SELECT state FROM shop.orders
    equals: 7
    timeout: 5s
freshness:
  - column: shop.orders.placed_at
    at-most: 26h
references:
  - from: shop.reviews.product_id
    to: shop.products.id
    max-orphans: 3
`

describe('an expectations file', () => {
  it('is read with the line of each expectation', () => {
    const { tables, queries, freshness, references } = parseExpectations(FULL, 'x.yml')
    expect(tables).toEqual([
      { name: 'shop.orders', line: 2 },
      { name: 'public.t', line: 2 },
    ])
    expect(queries).toMatchObject([
      { name: 'customers', min: 10, max: 20, timeoutMs: 60_000, line: 4 },
      { name: 'SELECT state FROM shop.orders', equals: '7', timeoutMs: 5_000, line: 8 },
    ])
    expect(freshness).toMatchObject([{ atMostMs: 93_600_000, line: 12 }])
    expect(references).toMatchObject([{ maxOrphans: 3, line: 15 }])
  })

  it('may be empty', () => {
    expect(parseExpectations('', 'x.yml')).toEqual({
      tables: [],
      queries: [],
      freshness: [],
      references: [],
      http: [],
    })
  })

  it.each([
    [
      'an unknown key',
      'tables: []\nqueries:\n  - query: a\n    mim: 1\n    max: 2\n',
      /line 4: queries\.0\.mim/,
    ],
    [
      'a query that expects nothing',
      'queries:\n  - query: SELECT 1\n',
      /line 2: queries\.0: expects nothing/,
    ],
    [
      'a duration without a unit',
      'freshness:\n  - column: a.b\n    at-most: 26\n',
      /line 3: freshness\.0\.at-most/,
    ],
    ['bad YAML', 'tables: [a\nqueries: }', /line 2/],
    ['a list', '- a\n', /line 1/],
  ])('names the line of %s', (_, text, message) => {
    expect(() => parseExpectations(text, 'x.yml')).toThrow(message)
  })

  it('asks addresses, with what holds where nothing is said', () => {
    const text =
      'http:\n  - url: https://shop.example.com/a?key=1\n  - { name: b, url: "http://127.0.0.1:80/", status: 302, contains: x, at-most: 800ms, timeout: 2s }\n'
    expect(parseExpectations(text, 'x.yml').http).toEqual([
      {
        name: 'https://shop.example.com/a',
        url: 'https://shop.example.com/a?key=1',
        status: 200,
        timeoutMs: 30_000,
        line: 2,
      },
      {
        name: 'b',
        url: 'http://127.0.0.1:80/',
        status: 302,
        contains: 'x',
        atMostMs: 800,
        timeoutMs: 2_000,
        line: 3,
      },
    ])
  })

  it.each([
    ['url: shop.example.com', 'is no address'],
    ['url: http://shop.example.com/', 'is not encrypted'],
    ['url: https://ann:s3cr3t@shop.example.com/', 'holds a user name or a password'],
    ['url: ftp://shop.example.com/', 'is not encrypted'],
    ['{ url: https://shop.example.com/, at-most: soon }', 'is no duration: write 800ms, 2s or 1m'],
    ['{ url: https://shop.example.com/, timeout: 0s }', 'is out of range'],
    ['{ url: https://shop.example.com/, status: 99 }', 'http.0.status'],
    ['{ url: https://shop.example.com/, headers: x }', 'http.0.headers'],
  ])('refuses an address like %s, by its line and without a password', (entry, complaint) => {
    const read = (): unknown => parseExpectations(`tables: []\nhttp:\n  - ${entry}\n`, 'x.yml')
    expect(read).toThrow(complaint)
    expect(read).toThrow('line 3')
    expect(read).not.toThrow('s3cr3t')
  })
})
