import { describe, expect, it } from '@jest/globals'
import { didYouMean, nearest } from '../../../src/inputs/nearest.ts'

const names = ['database-url', 'databases', 'bucket', 'name', 'prefix']

describe('the nearest name', () => {
  it.each([
    ['database_url', 'database-url'],
    ['databaseurl', 'database-url'],
    ['database', 'databases'],
    ['Bukcet', 'bucket'],
    ['prefx', 'prefix'],
    ['nmae', 'name'],
    ['ab', undefined],
    ['colour', undefined],
  ])('to %s is %s', (text, name) => {
    expect(nearest(text, names)).toBe(name)
  })

  it('is a question behind a sentence, or nothing', () => {
    expect(didYouMean('prefx', names)).toBe(' Did you mean prefix?')
    expect(didYouMean('colour', names)).toBe('')
  })
})
