import { describe, expect, it } from '@jest/globals'
import { failureOf, rootCause, type Exit } from '../../../src/pipeline/exit.ts'

const exit = (label: string, end: Partial<Exit>): Exit => ({
  label,
  code: 0,
  signal: null,
  complaint: '',
  stopped: false,
  ...end,
})
const killed = { code: null, signal: 'SIGKILL' } as const
const nobodyRead = { code: null, signal: 'SIGPIPE' } as const

describe('the root cause', () => {
  const cases: [string, Exit[], string | undefined][] = [
    ['nobody when all ended with 0', [exit('a', {}), exit('b', {})], undefined],
    ['the only one that failed', [exit('a', killed), exit('b', {})], 'a'],
    ['the reader, not the writer that it left', [exit('a', nobodyRead), exit('b', killed)], 'b'],
    [
      'the reader, where the writer says `could not write`',
      [
        exit('a', { code: 1, complaint: 'could not write to output file: Broken pipe' }),
        exit('b', { code: 1 }),
      ],
      'b',
    ],
    [
      'the reader, where the writer wrote into a socket',
      [
        exit('a', { code: 1, complaint: "error writing 'standard output': Connection reset by peer" }),
        exit('b', killed),
      ],
      'b',
    ],
    [
      'the first, where those behind it complain of a cut input',
      [exit('a', killed), exit('b', { code: 1 })],
      'a',
    ],
    [
      'pg_dump that lost its server, not the reader that complained of a cut input',
      [
        exit('a', { code: 1, complaint: 'could not receive data: Connection reset by peer' }),
        exit('b', { code: 1 }),
      ],
      'a',
    ],
    ['the last, where all could not write', [exit('a', nobodyRead), exit('b', { code: 141 })], 'b'],
    [
      'none that we stopped ourselves',
      [exit('a', { ...killed, stopped: true }), exit('b', { code: 2 })],
      'b',
    ],
  ]
  for (const [what, exits, label] of cases) {
    it(`is ${what}`, () => expect(rootCause(exits)?.label).toBe(label))
  }
})

describe('the error of a failed process', () => {
  it('holds its label, exit code and last words', () => {
    const error = failureOf(exit('pg_dump', { code: 1, complaint: 'no such table' }))
    expect(error).toMatchObject({
      code: 'process',
      message: 'pg_dump failed with exit code 1:\nno such table',
    })
  })

  it('points to the memory where something killed it', () => {
    expect(failureOf(exit('xz', killed)).hint).toContain('out of memory')
  })
})
