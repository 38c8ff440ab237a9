import { describe, expect, it } from '@jest/globals'
import { parseFlags } from '../../../src/cli/flags.ts'
import type { InputRow } from '../../../src/inputs/given.ts'

const commands = ['backup', 'list'] as const
const table: readonly InputRow[] = [
  { name: 'command', group: 'what', commands },
  { name: 'bucket', group: 'where', commands },
  { name: 'dry-run', group: 'what', commands, default: 'false' },
  { name: 'database-url', group: 'database', commands, fallback: 'DATABASE_URL', secret: true },
  { name: 'target-database-url', group: 'database', commands: ['list'], secret: true },
]
const parse = (args: string[], env: Record<string, string> = {}) => parseFlags(args, table, env)

describe('what is typed', () => {
  it('becomes what a runner would hand over', () => {
    expect(parse(['list', '--bucket', 'a b', '--dry-run'])).toEqual({
      kind: 'run',
      env: { INPUT_COMMAND: 'list', INPUT_BUCKET: 'a b', 'INPUT_DRY-RUN': 'true' },
      files: [],
    })
    expect(parse(['--bucket=x', 'list', '--dry-run=false'])).toMatchObject({
      env: { INPUT_COMMAND: 'list', INPUT_BUCKET: 'x', 'INPUT_DRY-RUN': 'false' },
    })
  })

  it('lets the environment stand in, but no inputs of a runner around', () => {
    const env = { DATABASE_URL: 'a', INPUT_BUCKET: 'other', TARGET_DATABASE_URL: 't' }
    expect(parse(['list'], env)).toMatchObject({
      env: {
        DATABASE_URL: 'a',
        INPUT_COMMAND: 'list',
        'INPUT_TARGET-DATABASE-URL': 't',
      },
    })
    expect(parse(['list'], env)).not.toHaveProperty('env.INPUT_BUCKET')
  })

  it('lets secrets that another command uses stay in the shell', () => {
    expect(parse(['backup'], { TARGET_DATABASE_URL: 't' })).not.toHaveProperty(
      'env.INPUT_TARGET-DATABASE-URL',
    )
  })

  it('takes a secret from a file, never from a flag', () => {
    expect(parse(['list', '--database-url-file', '/k'])).toMatchObject({
      files: [{ flag: '--database-url-file', variable: 'INPUT_DATABASE-URL', path: '/k' }],
    })
    const typed = (): unknown => parse(['list', '--database-url', 'postgresql://u:hunter22@h/d'])
    expect(typed).toThrow(/--database-url is a secret/)
    expect(typed).not.toThrow(/hunter22/)
  })

  it.each([
    [['list', '--bukcet', 'x'], /no flag --bukcet.*bucket/],
    [['list', '-b', 'x'], /no flag -b/],
    [['list', '--bucket'], /--bucket needs a value/],
    [['list', '--bucket', '--dry-run'], /--bucket needs a value/],
    [['list', '--bucket', 'a', '--bucket', 'b'], /--bucket is given twice/],
    [['--bucket', 'x'], /No command/],
    [['list', 'more'], /one command too many: "more"/],
    [['list', '--command', 'backup'], /no flag --command/],
  ])('is refused where it is wrong: %j', (args, message) => {
    expect(() => parse(args)).toThrow(message)
  })

  it('asks for help in every usual way', () => {
    expect(parse(['--help'])).toEqual({ kind: 'help', command: undefined })
    expect(parse(['list', '-h'])).toEqual({ kind: 'help', command: 'list' })
    expect(parse(['help', 'list'])).toEqual({ kind: 'help', command: 'list' })
    expect(parse(['--version'])).toEqual({ kind: 'version' })
  })
})
