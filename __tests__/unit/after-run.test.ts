import { describe, expect, it } from '@jest/globals'
import { afterRun, type AfterRun, type Ended } from '../../src/after-run.ts'
import { LifeboatError } from '../../src/errors.ts'
import { outcomeOf } from '../../src/report/outcome.ts'
import { terminalReporter } from '../../src/report/terminal.ts'

const SUCCESS = { command: 'prune', source: 'postgres', milliseconds: 5, warnings: [], figures: {}, run: {} }

function ended(signal: AbortSignal): Ended & { readonly lines: string[] } {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  const reporter = terminalReporter({ write, debug: false, onFailure: () => lines.push('RED') })
  reporter.mask(['hunter22'])
  const outcome = outcomeOf({ ...SUCCESS, started: new Date(0) }, (text) => text)
  return { outcome, request: undefined, env: {}, reporter, signal, lines }
}

const fails: AfterRun = {
  what: 'The record',
  run: () => Promise.reject(new LifeboatError('store', 'no bucket hunter22.', { hint: 'Make it.' })),
}
const hangs: AfterRun = { what: 'The notification', run: () => new Promise(() => undefined) }

describe('What follows a run', () => {
  it('only warns where it fails, and the others still run', async () => {
    const around = ended(new AbortController().signal)
    const told: string[] = []
    const works: AfterRun = {
      what: 'Telling',
      run: ({ outcome }) => Promise.resolve(void told.push(outcome.command)),
    }
    await afterRun([fails, works], around)
    expect(told).toEqual(['prune'])
    expect(around.lines).toEqual(['warning: The record failed: no bucket ***. Make it.'])
  })

  it('is waited for only while there is time', async () => {
    const stop = new AbortController()
    const around = ended(stop.signal)
    const done = afterRun([hangs, fails], around)
    stop.abort()
    await done
    expect(around.lines).toContain('warning: The notification failed: there was no time left for it.')
    await afterRun([hangs], ended(AbortSignal.abort()))
  })
})
