import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actionsReporter } from '../../../src/report/actions.ts'

/** The runner's own files and standard output, as `@actions/core` uses them. */
describe('a runner', () => {
  const files = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const
  const write = process.stdout.write.bind(process.stdout)
  const before = { ...process.env }
  let folder = ''
  let out = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'actions-'))
    for (const name of files) {
      process.env[name] = join(folder, name)
      writeFileSync(join(folder, name), '')
    }
    out = ''
    process.stdout.write = (chunk: string | Uint8Array): boolean => {
      out += chunk.toString()
      return true
    }
  })

  afterEach(() => {
    process.stdout.write = write
    process.exitCode = undefined
    for (const name of files) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = before[name]
    }
    rmSync(folder, { recursive: true })
  })

  it('is asked to mask every secret once, and none is empty', () => {
    const reporter = actionsReporter(process.env)
    reporter.mask(['hunter22', '', ' '])
    reporter.mask(['hunter22', 'other', 'pw', '{\n"long-line"\n}'])
    expect(out.trim().split('\n')).toEqual([
      '::add-mask::hunter22',
      '::add-mask::other',
      '::add-mask::"long-line"',
    ])
  })

  it('gets lines that are harmless and hold no secret', () => {
    const reporter = actionsReporter(process.env)
    reporter.mask(['hunter22'])
    out = ''
    reporter.log.info('::error::hunter22')
    reporter.log.warning('x\n::error::hunter22')
    reporter.log.debug('##[error]hunter22')
    expect(out.trim().split('\n')).toEqual([
      '\\::error::***',
      '::warning::x\\n::error::***',
      '::debug::#\\#[error]***',
    ])
  })

  it('gets a failure as one annotation, its causes as lines, and a red step', () => {
    const reporter = actionsReporter(process.env)
    reporter.mask(['hunter22'])
    out = ''
    reporter.fail({ headline: ['No hunter22.', 'What to do: ::x'], details: ['::by::'] })
    expect(out.trim().split('\n')).toEqual(['::error::No ***.%0AWhat to do: ::x', '\\::by::'])
    expect(process.exitCode).toBe(1)
  })

  it('ends a chapter with the runner', async () => {
    await actionsReporter(process.env).log.group('Dump', () => Promise.resolve())
    expect(out.trim().split('\n')).toEqual(['::group::Dump', '::endgroup::'])
  })

  it('keeps outputs, states and the summary in their files', async () => {
    const reporter = actionsReporter(process.env)
    reporter.output('key', 'db/a\nname=b')
    reporter.saveState('uploads', '[]')
    await reporter.summary('# Backup')
    const read = (name: (typeof files)[number]): string => readFileSync(join(folder, name), 'utf8')
    expect(read('GITHUB_OUTPUT')).toMatch(/^key<<(ghadelimiter_\S+)\ndb\/a\nname=b\n\1\n$/)
    expect(read('GITHUB_STATE')).toContain('uploads<<')
    expect(read('GITHUB_STEP_SUMMARY')).toBe('# Backup\n')
    expect(out).toBe('')
  })

  it('does without a summary where there is no file for it', async () => {
    await expect(actionsReporter({}).summary('# Backup')).resolves.toBeUndefined()
    expect(readFileSync(join(folder, 'GITHUB_STEP_SUMMARY'), 'utf8')).toBe('')
  })
})
