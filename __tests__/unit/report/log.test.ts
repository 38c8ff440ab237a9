import { describe, expect, it } from '@jest/globals'
import type { LineWriter } from '../../../src/report/log.ts'
import { logTo } from '../../../src/report/log.ts'
import { redactor } from '../../../src/report/redact.ts'

function fixture(secrets: readonly string[]): {
  lines: string[]
  writer: LineWriter
  log: ReturnType<typeof logTo>
} {
  const lines: string[] = []
  const writer: LineWriter = {
    write: (level, line) => void lines.push(`${level}|${line}`),
    begin: (title) => void lines.push(`begin|${title}`),
    end: () => void lines.push('end'),
  }
  return { lines, writer, log: logTo(writer, redactor(secrets)) }
}

describe('a log', () => {
  it('removes secrets from lines of every level and from titles', async () => {
    const { lines, log } = fixture(['hunter22'])
    log.info('a hunter22')
    log.notice('b hunter22')
    log.warning('c hunter22')
    log.debug('d hunter22')
    await log.group('e hunter22', () => Promise.resolve())
    expect(lines).toEqual([
      'info|a ***',
      'notice|b ***',
      'warning|c ***',
      'debug|d ***',
      'begin|e ***',
      'end',
    ])
  })

  it('removes a secret before what is invisible in it becomes visible', () => {
    const { lines, log } = fixture(['pass\u202eword'])
    log.info('is pass\u202eword.')
    expect(lines).toEqual(['info|is ***.'])
  })

  it('gives nobody else a line of its own, nor a command', () => {
    const { lines, log } = fixture([])
    log.info('::error::table x\n ::set-output name=backup-id::gotcha')
    expect(lines).toEqual(['info|\\::error::table x\\n ::set-output name=backup-id::gotcha'])
  })

  it('ends a chapter that fails, and passes the failure on', async () => {
    const { lines, log } = fixture([])
    const failure = new Error('no')
    await expect(log.group('dump', () => Promise.reject(failure))).rejects.toBe(failure)
    expect(lines).toEqual(['begin|dump', 'end'])
  })

  it('gives back what the chapter gives', async () => {
    expect(await fixture([]).log.group('dump', () => Promise.resolve(7))).toBe(7)
  })
})
