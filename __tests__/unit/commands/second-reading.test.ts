import { describe, expect, it } from '@jest/globals'
import { readJudged, readTwice } from '../../../src/commands/second-reading.ts'
import { useRecorded } from '../../../src/commands/recorded-bytes.ts'
import { LifeboatError } from '../../../src/errors.ts'
import { sha256Of } from '../../../src/commands/second-reading.ts'
import { WrongAnswer } from '../../../src/storage/wrong-answer.ts'
import { recordingLog } from '../../support/recording-log.ts'

const KEY = 'db/app/x'
const damaged = (words = 'it is damaged') => new LifeboatError('damaged', words)

/** A store that gives other bytes each time it is asked, and tells how it was asked. */
function storeOf(...readings: readonly string[]) {
  const asked: boolean[] = []
  const read = async function* (_key: string, _range?: unknown, how?: { fresh?: boolean }) {
    const text = readings[asked.length]
    asked.push(how?.fresh === true)
    if (text === undefined) throw new Error('read once too often')
    yield await Promise.resolve(Buffer.from(text))
  }
  return { asked, store: { read } }
}

const judge = (bytes: Buffer): string => {
  const text = bytes.toString()
  if (text !== 'good') throw damaged()
  return text
}

describe('readJudged', () => {
  const read = (store: Parameters<typeof readJudged>[0], log = recordingLog()) =>
    readJudged(store, { key: KEY, most: 100, log }, judge)

  it('reads once where nothing is wrong', async () => {
    const { asked, store } = storeOf('good')
    const log = recordingLog()
    expect(await read(store, log)).toMatchObject({ value: 'good' })
    expect(asked).toEqual([false])
    expect(log.lines).toEqual([])
  })

  it('takes what the second reading brings, over a connection of its own, and says so', async () => {
    const { asked, store } = storeOf('spoilt', 'good')
    const log = recordingLog()
    expect(await read(store, log)).toMatchObject({ value: 'good' })
    expect(asked).toEqual([false, true])
    expect(log.lines).toEqual([
      expect.stringMatching(/^notice: it is damaged It is read a second time, .*100 bytes/),
      expect.stringMatching(/^warning: .*the backup is not at fault/),
    ])
  })

  it('condemns what came twice alike', async () => {
    const { asked, store } = storeOf('bad', 'bad')
    await expect(read(store)).rejects.toMatchObject({ code: 'damaged' })
    expect(asked).toHaveLength(2)
  })

  it('concludes nothing from two readings that differ, though they fail in the same words', async () => {
    await expect(read(storeOf('bad', 'worse').store)).rejects.toThrow(WrongAnswer)
  })

  it('holds no more than its kind can have', async () => {
    const long = 'x'.repeat(101)
    await expect(read(storeOf(long, long).store)).rejects.toThrow(/more than 100 bytes/)
  })
})

describe('readTwice', () => {
  const log = recordingLog()
  const twice = (...outcomes: readonly (Error | 'fine')[]) => {
    let count = 0
    const reading = readTwice({ key: KEY, bytes: 5, log }, () => {
      const outcome = outcomes[count++] ?? new Error('read once too often')
      return outcome === 'fine' ? Promise.resolve('fine') : Promise.reject(outcome)
    })
    return reading.then(
      (value) => ({ value, count }),
      (error: unknown) => ({ error, count }),
    )
  }
  const wrong = new WrongAnswer('store', 'a page')
  const down = new LifeboatError('store', 'no network')
  const gone = new LifeboatError('store-missing', 'not there')

  it.each([
    ['what is gone is gone', [gone], gone, 1],
    ['a store that is down is no reading', [down], down, 1],
    ['a store that goes down meanwhile says nothing', [damaged(), down], down, 2],
    ['no answer, twice', [wrong, wrong], expect.any(WrongAnswer), 2],
    ['no answer, then damage that nothing confirms', [wrong, damaged()], expect.any(WrongAnswer), 2],
    ['damage, then no answer', [damaged(), wrong], expect.any(WrongAnswer), 2],
    ['damage in other words', [damaged('a'), damaged('b')], expect.any(WrongAnswer), 2],
    [
      'damage in the same words',
      [damaged('a'), damaged('a')],
      expect.objectContaining({ code: 'damaged' }),
      2,
    ],
  ])('%s', async (_what, outcomes, error, count) => {
    expect(await twice(...outcomes)).toEqual({ error, count })
  })

  it.each([[[damaged(), 'fine']], [[wrong, 'fine']]] as const)('lets the second decide', async (outcomes) => {
    expect(await twice(...outcomes)).toEqual({ value: 'fine', count: 2 })
  })
})

describe('useRecorded', () => {
  const chunks = async function* (text: string) {
    for (const letter of text) yield await Promise.resolve(Buffer.from(letter))
  }
  const recorded = { key: KEY, sha256: sha256Of(Buffer.from('recorded')) }
  /** Gives up at the first letter that it does not like, and leaves the rest. */
  const parse = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
    let text = ''
    for await (const chunk of bytes) {
      text += Buffer.from(chunk).toString()
      if (!'recorded'.startsWith(text)) throw damaged()
    }
    return text
  }

  it('gives what comes of bytes as they were recorded', async () => {
    expect(await useRecorded(recorded, chunks('recorded'), parse)).toBe('recorded')
  })

  it('does not blame bytes that came otherwise', async () => {
    await expect(useRecorded(recorded, chunks('rexorded'), parse)).rejects.toThrow(WrongAnswer)
    await expect(useRecorded(recorded, chunks('record'), parse)).rejects.toThrow(WrongAnswer)
  })

  it('blames bytes that came as they were recorded, which are read to their end for that', async () => {
    const other = { key: KEY, sha256: sha256Of(Buffer.from('rexorded')) }
    await expect(useRecorded(other, chunks('rexorded'), parse)).rejects.toMatchObject({ code: 'damaged' })
  })

  it('passes on every other failure as it is', async () => {
    const failure = new LifeboatError('identity', 'no key')
    await expect(useRecorded(recorded, chunks('x'), () => Promise.reject(failure))).rejects.toBe(failure)
  })
})
