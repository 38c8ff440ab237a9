import { describe, expect, it } from '@jest/globals'
import type { WatchedBackup } from '../../../src/catalog/watched.ts'
import { judgeAmount } from '../../../src/watch/amount.ts'
import { watched } from '../../support/watched-backups.ts'

const MIB = 2 ** 20
type Nights = readonly Partial<WatchedBackup>[]
const rows = (...values: readonly number[]): Nights => values.map((each) => ({ rows: each }))
const documents = (...values: readonly number[]): Nights => values.map((each) => ({ documents: each }))
const bytes = (...values: readonly number[]): Nights => values.map((each) => ({ plainBytes: each }))

describe('judgeAmount', () => {
  it.each([
    ['nothing of no backup', [], []],
    ['nothing of the first', rows(0), []],
    ['nothing of usual growth', rows(1_300, 1_000, 900), []],
    ['half of it gone, and not more', rows(500, 1_000, 1_000), []],
    ['more than half of it gone', rows(499, 1_000, 1_000), ['shrunk rows 1000']],
    ['nothing of a table that holds next to nothing', rows(0, 99, 99), []],
    ['tenfold', rows(10_000, 1_000, 1_000), ['grown rows 1000']],
    ['not quite tenfold', rows(9_999, 1_000, 1_000), []],
    ['what is usual by the median, whatever one night was', rows(1_000, 0, 1_000, 1_000), []],
    ['only the seven before it', rows(1_000, ...Array<number>(7).fill(1_000), 50_000, 50_000, 50_000), []],
    ['documents of search', documents(10, 1_000, 1_000), ['shrunk documents 1000']],
    ['bytes where nothing was counted', bytes(0, MIB, MIB), ['shrunk bytes 1048576']],
    ['nothing of small bytes', bytes(0, 200_000, 200_000), []],
    ['nothing where the newest was not read', [{}, ...rows(1_000, 1_000)], []],
    [
      'rows rather than bytes where both changed',
      rows(0, 1_000).map((each, night) => ({ ...each, plainBytes: night * MIB })),
      ['shrunk rows 1000'],
    ],
    [
      'bytes where the rows are all there',
      rows(1_000, 1_000).map((each, night) => ({ ...each, plainBytes: night * MIB })),
      ['shrunk bytes 1048576'],
    ],
  ] as const)('sees %s', (_, nights, found) => {
    const breaches = judgeAmount('app', watched(nights))
    expect(
      breaches.map((breach) =>
        'usual' in breach ? `${breach.kind} ${breach.what} ${breach.usual}` : breach,
      ),
    ).toEqual(found)
  })
})
