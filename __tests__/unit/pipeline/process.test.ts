import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import { childEnvironment, run } from '../../../src/pipeline/process.ts'
import { childProcesses } from './support/child-processes.ts'
import { errorOf } from './support/stages.ts'

const options = { env: childEnvironment(), timeoutMs: 20_000, signal: new AbortController().signal }

describe('the environment of a child', () => {
  it('holds a few harmless variables of ours, English messages, and what is added', () => {
    const ours = {
      PATH: '/bin',
      HOME: '/root',
      TZ: 'UTC',
      LANG: 'de_DE.UTF-8',
      GITHUB_TOKEN: 'x',
      LD_PRELOAD: 'y',
    }
    expect(childEnvironment({ PGHOST: 'db' }, ours)).toEqual({
      PATH: '/bin',
      HOME: '/root',
      TZ: 'UTC',
      LANG: 'C',
      LC_ALL: 'C',
      PGHOST: 'db',
    })
  })

  it('lets what is added win', () => {
    expect(childEnvironment({ PATH: '/opt/bin', LC_ALL: 'C.UTF-8' }, { PATH: '/bin' })).toMatchObject({
      PATH: '/opt/bin',
      LC_ALL: 'C.UTF-8',
    })
  })
})

describe('a short command', () => {
  it('gives its output as text, and reads its input', async () => {
    expect(await run('cat', [], { ...options, input: 'grüße\n' })).toBe('grüße\n')
    expect(await run('sh', ['-c', 'exec head -c 1000000 /dev/zero | tr "\\0" x'], options)).toHaveLength(
      1_000_000,
    )
  })

  it('waits for output that takes longer than a moment', async () => {
    expect(await run('sh', ['-c', 'printf a; sleep 1.3; printf b'], options)).toBe('ab')
  })

  it('fails with its exit code and last words', async () => {
    const error = await errorOf(() => run('sh', ['-c', 'echo "no such host" >&2; exit 2'], options))
    expect(error).toMatchObject({ code: 'process', message: 'sh failed with exit code 2:\nno such host' })
  })

  it('is ended when it takes too long, prints too much or is cancelled', async () => {
    const slow = await errorOf(() => run('sleep', ['600'], { ...options, timeoutMs: 100 }))
    expect(slow).toMatchObject({ code: 'process', message: 'sleep did not end within 0.1 s.' })
    const loud = await errorOf(() => run('cat', ['/dev/zero'], options))
    expect(loud).toMatchObject({ code: 'process', message: expect.stringContaining('printed more than') })
    const reason = new LifeboatError('cancelled', 'told to stop')
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 50)
    expect(await errorOf(() => run('sleep', ['600'], { ...options, signal: controller.signal }))).toBe(reason)
    expect(
      await errorOf(() => run('sleep', ['1'], { ...options, signal: AbortSignal.abort() })),
    ).toMatchObject({
      code: 'cancelled',
    })
    expect(childProcesses()).toEqual([])
  })

  it('that is missing is a matter of the platform', async () => {
    expect(await errorOf(() => run('no-such-program', [], options))).toMatchObject({ code: 'platform' })
    expect(await errorOf(() => run('/no/such/program', [], options))).toMatchObject({ code: 'platform' })
  })
})
