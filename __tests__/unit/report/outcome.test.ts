import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import { outcomeOf, rememberingReporter, type RunFacts } from '../../../src/report/outcome.ts'
import { redactor } from '../../../src/report/redact.ts'
import { terminalReporter } from '../../../src/report/terminal.ts'

const started = new Date('2026-11-22T02:15:00Z')

function facts(overrides: Partial<RunFacts> = {}): RunFacts {
  const nothing = { warnings: [], figures: {}, run: {} }
  return { command: 'backup', source: 'postgres', started, milliseconds: 12_345, ...nothing, ...overrides }
}

const redact = redactor(['hunter22'])

describe('the outcome of a run', () => {
  it('is a success where nothing was thrown', () => {
    expect(outcomeOf(facts({ figures: { bytes: '7' }, run: { actor: 'ann' } }), redact)).toEqual({
      command: 'backup',
      source: 'postgres',
      result: 'success',
      started,
      seconds: 12.3,
      warnings: [],
      figures: { bytes: '7' },
      run: { actor: 'ann' },
    })
  })

  it('keeps code, message and hint of a failure, without secrets and in visible lines', () => {
    const failure = new LifeboatError('input', 'two are wrong\n  a: \u202ehunter22\n::error::b', {
      hint: 'Look at hunter22.\nNow.',
    })
    expect(outcomeOf(facts({ failure }), redact)).toMatchObject({
      result: 'failure',
      failure: {
        code: 'input',
        message: 'two are wrong\na: \\u{202e}***\n\\::error::b',
        hint: 'Look at ***.\\nNow.',
      },
    })
  })

  it('calls a cancelled run cancelled and a defect unexpected', () => {
    expect(outcomeOf(facts({ failure: new LifeboatError('cancelled', 'Stopped.') }), redact).result).toBe(
      'cancelled',
    )
    expect(outcomeOf(facts({ failure: new TypeError('x is undefined') }), redact)).toMatchObject({
      result: 'failure',
      failure: { code: 'unexpected', message: 'TypeError: x is undefined' },
    })
  })

  it('holds no secret in what the step was called, its figures and its run', () => {
    const secret = { a: 'hunter22' }
    const all = { command: 'hunter22', warnings: ['hunter22'], figures: secret, run: secret }
    expect(outcomeOf(facts(all), redact)).toMatchObject({
      command: '***',
      warnings: ['***'],
      figures: { a: '***' },
      run: { a: '***' },
    })
  })
})

describe('a reporter that remembers', () => {
  it('passes them on, keeps the last value of each, and all warnings', async () => {
    const lines: string[] = []
    const write = (line: string): void => void lines.push(line)
    const plain = terminalReporter({ write, debug: false, onFailure: () => undefined })
    const { reporter, remembered } = rememberingReporter(plain)
    reporter.output('rows', '1')
    reporter.output('rows', '2')
    expect(lines).toEqual(['rows: 1', 'rows: 2'])
    await reporter.log.group('a chapter', async () => reporter.log.warning(await Promise.resolve('small')))
    expect(lines.slice(2)).toEqual(['a chapter', '  warning: small'])
    expect(remembered()).toEqual({ figures: { rows: '2' }, warnings: ['small'] })
  })
})
