import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import type { InputRow } from '../../../src/inputs/given.ts'
import { checkNames, inputVariable, readGiven } from '../../../src/inputs/given.ts'
import { collectProblems } from '../../../src/inputs/problems.ts'

const table: readonly InputRow[] = [
  { name: 'bucket', group: 'where', commands: ['backup'], fallback: 'BACKUP_BUCKET', default: 'usual' },
  { name: 'keep', group: 'retention', commands: [] },
]

function problemsOf(env: Record<string, string>, command: string | undefined): string[] {
  const problems = collectProblems()
  checkNames(env, table, { command }, problems)
  return problems.any ? problems.failure().message.split('\n').slice(1) : []
}

describe('what is given', () => {
  it('is the input, else the environment, else the default', () => {
    expect(readGiven({ INPUT_BUCKET: 'a', BACKUP_BUCKET: 'b' }, table).value('bucket')).toBe('a')
    expect(readGiven({ BACKUP_BUCKET: 'b' }, table).value('bucket')).toBe('b')
    expect(readGiven({}, table).value('bucket')).toBe('usual')
    expect(readGiven({}, table).value('keep')).toBeUndefined()
  })

  it('is absent where it is empty or blank', () => {
    const given = readGiven({ INPUT_BUCKET: '', BACKUP_BUCKET: ' \n' }, table)
    expect([given.value('bucket'), given.origin('bucket')]).toEqual(['usual', 'default'])
  })

  it('is labelled with the variable that it came from', () => {
    expect(readGiven({ BACKUP_BUCKET: 'b' }, table).label('bucket')).toBe('bucket (from BACKUP_BUCKET)')
    expect(readGiven({ INPUT_BUCKET: 'b' }, table).label('bucket')).toBe('bucket')
  })

  it('arrives under the names that the runner makes', () => {
    expect(inputVariable('r2-account-id')).toBe('INPUT_R2-ACCOUNT-ID')
  })
})

describe('names of inputs', () => {
  it('are refused where there is no such input, even an empty one, with what was probably meant', () => {
    expect(problemsOf({ INPUT_BUKCET: '', INPUT_COLOUR: 'x' }, 'backup')).toEqual([
      'bukcet: there is no such input. Did you mean bucket?',
      'colour: there is no such input. Remove it.',
    ])
  })

  it('are refused where the command does not use them, unless they are empty', () => {
    expect(problemsOf({ INPUT_KEEP: 'last=7', INPUT_BUCKET: 'b' }, 'backup')).toEqual([
      'keep: command backup does not use it. Remove it from the step.',
    ])
    expect(problemsOf({ INPUT_KEEP: '' }, 'backup')).toEqual([])
  })
})

describe('problems', () => {
  it('are told all at once, a line each, whatever line breaks they came with', () => {
    const problems = collectProblems()
    problems.add('a', 'is\n  wrong.')
    problems.attempt('b', () => {
      throw new LifeboatError('input', 'is odd.', { hint: 'Make it even.' })
    })
    problems.add('a', 'is\n  wrong.')
    const failure = problems.failure()
    expect(failure.code).toBe('input')
    expect(failure.message.split('\n')).toEqual([
      '2 settings are wrong; nothing was touched.',
      'a: is wrong.',
      'b: is odd. Make it even.',
    ])
  })

  it('are only what an input is to blame for: all else is thrown', () => {
    const problems = collectProblems()
    const defect = new TypeError('x')
    expect(() =>
      problems.attempt('a', () => {
        throw defect
      }),
    ).toThrow(defect)
    expect(problems.any).toBe(false)
  })
})
