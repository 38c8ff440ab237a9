import { describe, expect, it } from '@jest/globals'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { LifeboatError } from '../../../src/errors.ts'
import { actionsReporter } from '../../../src/report/actions.ts'
import { endWith } from '../../../src/report/report-files.ts'

const SOURCES = resolve(import.meta.dirname, '../../../src')

describe('the end of a command', () => {
  it('writes every file before it throws, and what the command came to goes first', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reports-'))
    try {
      const files = [
        { path: join(folder, 'missing', 'a.json'), content: 'a' },
        { path: join(folder, 'b.html'), content: 'b' },
      ]
      const warnings: string[] = []
      const log = { info: () => undefined, warning: (line: string) => void warnings.push(line) }
      const own = new LifeboatError('breach', 'Too old.', { hint: 'Look.' })
      await expect(endWith([own], files, log)).rejects.toBe(own)
      expect(readFileSync(join(folder, 'b.html'), 'utf8')).toBe('b')
      expect(warnings).toEqual([expect.stringMatching(/^The report .*a\.json cannot be written/)])
      await expect(endWith([], files, log)).rejects.toMatchObject({ code: 'platform' })
      await endWith([], files.slice(1), log)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('is not changed by a summary that cannot be written', async () => {
    const env = { GITHUB_STEP_SUMMARY: '/nowhere/summary' }
    const before = process.env['GITHUB_STEP_SUMMARY']
    const write = process.stdout.write.bind(process.stdout)
    let out = ''
    process.env['GITHUB_STEP_SUMMARY'] = env.GITHUB_STEP_SUMMARY
    process.stdout.write = (chunk: string | Uint8Array): boolean => {
      out += chunk.toString()
      return true
    }
    try {
      await actionsReporter(env).summary('# Backup')
    } finally {
      process.stdout.write = write
      if (before === undefined) delete process.env['GITHUB_STEP_SUMMARY']
      else process.env['GITHUB_STEP_SUMMARY'] = before
    }
    expect(out).toMatch(/^::warning::The job's summary cannot be written/)
  })

  /** Outputs first: whatever a summary, an issue or a file meets, they are there. */
  const commands = readdirSync(SOURCES).filter((name) => /^run-.*\.ts$/.test(name))
  it('has set the outputs before anything else is told, in every command', () => {
    const telling = commands.flatMap((name) => {
      const source = readFileSync(join(SOURCES, name), 'utf8')
      const summary = source.indexOf('reporter.summary(')
      return summary < 0 ? [] : [{ name, isFirst: source.lastIndexOf('reporter.output(') < summary, source }]
    })
    expect(telling.length).toBeGreaterThanOrEqual(11)
    for (const { name, isFirst, source } of telling) {
      expect({ name, isFirst, writes: /\bwriteFile\b/.test(source) }).toEqual({
        name,
        isFirst: true,
        writes: false,
      })
      expect(source).toContain('reporter.output(')
    }
  })
})
