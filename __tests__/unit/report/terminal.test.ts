import { describe, expect, it } from '@jest/globals'
import { terminalReporter } from '../../../src/report/terminal.ts'

function fixture({ debug = false } = {}): {
  lines: string[]
  failures: () => number
  reporter: ReturnType<typeof terminalReporter>
} {
  const lines: string[] = []
  let failures = 0
  const reporter = terminalReporter({
    write: (line) => void lines.push(line),
    debug,
    onFailure: () => (failures += 1),
  })
  return { lines, failures: () => failures, reporter }
}

describe('a terminal', () => {
  it('shows chapters by indenting them and levels by their name', async () => {
    const { lines, reporter } = fixture()
    await reporter.log.group('Dump', () => {
      reporter.log.info('one')
      reporter.log.warning('two')
      reporter.log.debug('three')
      return Promise.resolve()
    })
    reporter.log.notice('four')
    expect(lines).toEqual(['Dump', '  one', '  warning: two', 'notice: four'])
  })

  it('shows debug lines where they are asked for', () => {
    const { lines, reporter } = fixture({ debug: true })
    reporter.log.debug('x')
    expect(lines).toEqual(['debug: x'])
  })

  it('shows no secret that was masked before, in lines, failures and outputs', () => {
    const { lines, reporter, failures } = fixture()
    reporter.mask(['hunter22'])
    reporter.mask(['other-secret'])
    reporter.log.info('hunter22 other-secret')
    reporter.fail({ headline: ['with hunter22', 'What to do: x'], details: ['by other-secret'] })
    reporter.output('key', 'hunter22')
    expect(lines).toEqual(['*** ***', 'error: with ***', 'What to do: x', 'by ***', 'key: ***'])
    expect(failures()).toBe(1)
  })
})

describe('a screen', () => {
  it('draws one line again and again below all others', () => {
    const drawn: string[] = []
    const reporter = terminalReporter({
      write: (line) => void drawn.push(`${line}\n`),
      debug: false,
      onFailure: () => undefined,
      redraw: { write: (text) => void drawn.push(text), columns: () => 8 },
    })
    reporter.mask(['hunter22'])
    reporter.log.info('begin')
    reporter.log.status?.('1 of 2')
    reporter.log.status?.('hunter22 of 2 is too long')
    reporter.log.info('end')
    expect(drawn).toEqual(['begin\n', '\r\u001b[K1 of 2', '\r\u001b[K*** of ', '\r\u001b[K', 'end\n'])
  })

  it('is no place for lists that only programs read', () => {
    const { lines, reporter } = fixture()
    reporter.output('backups', '[{"name":"shop"}]')
    reporter.output('rows', '')
    expect(lines).toEqual([])
  })
})
