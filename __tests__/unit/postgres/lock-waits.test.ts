import { describe, expect, it } from '@jest/globals'
import { shortStatement, standingStill, waitingForUs } from '../../../src/postgres/lock-waits.ts'

const HOLDER = 1
const DUMP = 2
const OURS = new Set([HOLDER, DUMP])
const pids = (waits: readonly { pid: number }[]): number[] => waits.map(({ pid }) => pid)

describe('who waits for us', () => {
  it.each([
    ['nobody', [], [], []],
    ['one who waits for the holder', [{ pid: 7, behind: [HOLDER] }], [7], []],
    [
      'the application behind him: only he waits for us',
      [
        { pid: 7, behind: [HOLDER] },
        { pid: 8, behind: [7] },
      ],
      [7],
      [],
    ],
    [
      'pg_dump behind him',
      [
        { pid: 7, behind: [HOLDER] },
        { pid: DUMP, behind: [7] },
      ],
      [7],
      [7],
    ],
    [
      'pg_dump behind a chain, others beside it',
      [
        { pid: 7, behind: [HOLDER, 6] },
        { pid: 8, behind: [7] },
        { pid: DUMP, behind: [8] },
        { pid: 9, behind: [HOLDER] },
      ],
      [7, 9],
      [7],
    ],
    [
      'pg_dump behind somebody who works, or a prepared transaction',
      [
        { pid: 7, behind: [HOLDER] },
        { pid: DUMP, behind: [5, 0] },
      ],
      [7],
      [],
    ],
    [
      'a circle of others, which the server ends',
      [
        { pid: DUMP, behind: [8] },
        { pid: 8, behind: [9] },
        { pid: 9, behind: [8] },
      ],
      [],
      [],
    ],
  ])('%s', (_, waits, waiting, still) => {
    expect(pids(waitingForUs(waits, OURS))).toEqual(waiting)
    expect(pids(standingStill(waits, OURS))).toEqual(still)
  })
})

it.each([
  ['TRUNCATE  orders,\n  items', 'TRUNCATE orders, items'],
  [`ALTER ROLE app PASSWORD 'a-secret'; x`, 'ALTER ROLE app PASSWORD …'],
  [`/* a 'secret' */ ALTER TABLE t -- 'another'\n ADD a int`, 'ALTER TABLE t ADD a int'],
  [`DO $body$ secret $body$`, 'DO …'],
  ['TRUNCATE '.padEnd(300, 'é'), `TRUNCATE ${'é'.repeat(111)}…`],
])('makes a statement of somebody else short, without values: %s', (sql, short) => {
  expect(shortStatement(sql)).toBe(short)
})
