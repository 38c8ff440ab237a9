import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import { describeFailure, failureSentence } from '../../../src/report/failure.ts'

describe('a failure', () => {
  it('tells an expected error by its message and its hint, without a stack', () => {
    const error = new LifeboatError('store', 'The bucket is full.', { hint: 'Delete something.' })
    expect(describeFailure(error)).toEqual({
      headline: ['The bucket is full.', 'What to do: Delete something.'],
      details: [],
    })
  })

  it('keeps the lines of a message together, the later ones indented', () => {
    const error = new LifeboatError('process', 'pg_dump failed:\nline 1\n\nline 2')
    expect(describeFailure(error).headline).toEqual(['pg_dump failed:', '  line 1', '  line 2'])
  })

  it('names every cause once, below what it caused', () => {
    const socket = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const request = new Error('request failed: connect ECONNREFUSED', { cause: socket })
    const error = new LifeboatError('store', 'The store cannot be reached.', { cause: request })
    expect(describeFailure(error).details).toEqual(['  Caused by: request failed: connect ECONNREFUSED'])
    const other = new LifeboatError('store', 'No answer.', {
      cause: new Error('a', { cause: new TypeError('b') }),
    })
    expect(describeFailure(other).details).toEqual(['  Caused by: a', '    Caused by: TypeError: b'])
  })

  it('lists all parts of an error that has several, each with its hint', () => {
    const parts = [new LifeboatError('privilege', 'crm: no.', { hint: 'GRANT it.' }), new Error('shop: down')]
    const error = new LifeboatError('incomplete', '2 of 3 failed.', {
      cause: new AggregateError(parts, 'all'),
    })
    expect(describeFailure(error).details).toEqual([
      '  Caused by: AggregateError: all',
      '    Caused by: crm: no.',
      '    What to do: GRANT it.',
      '    Caused by: shop: down',
    ])
  })

  it('shows the stack of what nobody expected', () => {
    const { headline, details } = describeFailure(new TypeError('x is undefined'))
    expect(headline[0]).toBe('Unexpected: TypeError: x is undefined')
    expect(details.some((line) => line.includes('failure.test.ts'))).toBe(true)
  })

  it('says something of everything that can be thrown', () => {
    const nameless = Object.assign(new Error(''), { code: 'EPIPE' })
    expect(describeFailure(nameless).headline[0]).toBe('Unexpected: EPIPE')
    expect(describeFailure('text').headline[0]).toBe('Unexpected: text')
    expect(describeFailure(undefined).headline[0]).toBe('Unexpected: undefined')
    expect(describeFailure({ a: 1 }).headline[0]).toBe('Unexpected: { a: 1 }')
    expect(describeFailure(new AggregateError([new Error('::1 refused')])).details.at(-1)).toBe(
      '  Caused by: ::1 refused',
    )
  })

  it('ends where causes go in a circle', () => {
    const error = new Error('a')
    error.cause = new Error('b', { cause: error })
    expect(describeFailure(error).details.filter((line) => line.includes('Caused by'))).toEqual([
      '  Caused by: b',
    ])
  })

  it('fits into one line for a table', () => {
    expect(failureSentence(new LifeboatError('input', 'two\n  lines'))).toBe('two lines')
  })
})
