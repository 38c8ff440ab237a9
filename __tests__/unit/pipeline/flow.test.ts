import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../src/errors.ts'
import { flow } from '../../../src/pipeline/flow.ts'
import { seal } from '../../../src/pipeline/seal.ts'
import type { ByteStream, Stage, TransformStage } from '../../../src/pipeline/stage.ts'
import { childProcesses, openPipes } from './support/child-processes.ts'
import { bytesOf, collect, errorOf, program, readSlowly, script } from './support/stages.ts'

const running = new AbortController().signal
const patient = { signal: running, stallMs: 30_000 }

const endless = (): ReturnType<typeof script> => script('pg_dump', 'exec cat /dev/zero')
const upperCase: TransformStage = {
  kind: 'transform',
  label: 'upper case',
  async *transform(input) {
    for await (const chunk of input) yield Buffer.from(Buffer.from(chunk).toString().toUpperCase())
  },
}

let folder: string
let pipesBefore: number
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flow-'))
  pipesBefore = openPipes()
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
  expect(childProcesses()).toEqual([])
  expect(openPipes()).toBeLessThanOrEqual(pipesBefore)
})

/** A program that notes its process id, so that a test can kill it. */
const noted = (label: string, command: string): ReturnType<typeof script> =>
  script(label, `echo $$ > ${folder}/${label}.pid; exec ${command}`)

async function killOnceBytesFlow(
  stream: ByteStream,
  label: string,
  signal: NodeJS.Signals,
): Promise<unknown> {
  let killed = false
  return errorOf(async () => {
    for await (const chunk of stream) {
      if (killed || chunk.length === 0) continue
      killed = true
      process.kill(Number(await readFile(join(folder, `${label}.pid`), 'utf8')), signal)
    }
  })
}

describe('a flow that goes well', () => {
  it('carries every byte through processes and transforms in any order', async () => {
    const stages: Stage[] = [program('cat'), upperCase, program('tr', 'A', 'X'), upperCase, program('rev')]
    expect((await collect(flow(bytesOf('a-b-', 'c\n'), stages, patient))).toString()).toBe('C-B-X\n')
  })

  it('gives the bytes of a head alone, from a process or from here, none at all included', async () => {
    expect((await collect(flow(script('greeter', 'printf hello'), [], patient))).toString()).toBe('hello')
    expect((await collect(flow(bytesOf('a', 'b'), [], patient))).toString()).toBe('ab')
    expect((await collect(flow(script('nothing', 'true'), [program('cat')], patient))).length).toBe(0)
    expect((await collect(flow(bytesOf(), [program('cat')], patient))).length).toBe(0)
  })

  it('loses nothing of what a process wrote before the next one was started', async () => {
    for (let round = 0; round < 20; round += 1) {
      const stages = [program('cat'), program('cat'), program('cat')]
      const text = await collect(flow(script('seq', 'exec seq 1 5000'), stages, patient))
      expect(text.toString().trim().split('\n').map(Number)).toEqual(
        Array.from({ length: 5000 }, (_, i) => i + 1),
      )
    }
  })

  it('keeps no end of a pipe between two processes, so that a writer notices when its reader dies', async () => {
    const before = openPipes()
    for await (const chunk of flow(endless(), [program('cat'), program('cat')], patient)) {
      expect(chunk.length).toBeGreaterThan(0)
      // The stderr of three processes, and the stdout of the last.
      expect(openPipes()).toBe(before + 4)
      break
    }
  })

  it('starts nothing before it is read, and can be read once', async () => {
    const stream = flow(script('toucher', `touch ${folder}/started; echo x`), [], patient)
    await delay(50)
    await expect(readFile(join(folder, 'started'))).rejects.toThrow('ENOENT')
    await collect(stream)
    expect(() => stream[Symbol.asyncIterator]()).toThrow('only once')
  })

  it('ends only when the last exit code is known, long after the last byte', async () => {
    const closesEarly = script('pg_dump', 'printf data; exec >&-; sleep 0.4; exit 3')
    const chunks: string[] = []
    const error = await errorOf(async () => {
      for await (const chunk of flow(closesEarly, [program('cat')], patient))
        chunks.push(Buffer.from(chunk).toString())
    })
    expect(chunks).toEqual(['data'])
    expect(error).toMatchObject({ code: 'process', message: 'pg_dump failed with exit code 3.' })
  })

  it('passes on no end to the stages in node where a process failed', async () => {
    const sealed = seal()
    await errorOf(() => collect(flow(script('pg_dump', 'printf data; exit 1'), [sealed.stage], patient)))
    expect(() => sealed.result()).toThrow('has not ended')
  })

  it('gives a child nothing of our environment but what its stage says', async () => {
    process.env.FLOW_TEST_SECRET = 'hunter2'
    try {
      const text = (await collect(flow(program('env'), [], patient))).toString()
      expect(text).not.toContain('hunter2')
      expect(text).toContain('LC_ALL=C')
    } finally {
      delete process.env.FLOW_TEST_SECRET
    }
  })
})

describe('counting', () => {
  for (const [where, before, after] of [
    ['between two processes', [], [program('cat')]],
    ['behind the last process', [program('cat')], []],
    ['between a process and a transform', [], [upperCase]],
  ] as const) {
    it(`tells the exact number of bytes at the end, ${where}`, async () => {
      const counts: number[] = []
      const count: Stage = { kind: 'count', label: 'plain', report: (bytes) => counts.push(bytes) }
      await collect(
        flow(script('head', 'exec head -c 12345678 /dev/zero'), [...before, count, ...after], patient),
      )
      expect(counts.at(-1)).toBe(12_345_678)
      expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    })
  }

  it('tells of the bytes so far while they pass between two processes', async () => {
    const seen = join(folder, 'half-was-seen')
    const counts: number[] = []
    const report = (bytes: number): void => {
      counts.push(bytes)
      if (bytes >= 300_000) writeFileSync(seen, '')
    }
    const zeros = 'head -c 300000 /dev/zero'
    const head = script('slow', `${zeros}; while [ ! -e '${seen}' ]; do sleep 0.05; done; ${zeros}`)
    await collect(flow(head, [{ kind: 'count', label: 'plain', report }, program('cat')], patient))
    expect(counts.some((bytes) => bytes >= 300_000 && bytes < 310_000)).toBe(true)
    expect(counts.at(-1)).toBe(600_000)
  })

  it('reports no final count of a flow that failed', async () => {
    const counts: number[] = []
    const count: Stage = { kind: 'count', label: 'plain', report: (bytes) => counts.push(bytes) }
    await errorOf(() =>
      collect(flow(script('pg_dump', 'printf data; exit 1'), [count, program('cat')], patient)),
    )
    expect(counts).toEqual([])
  })
})

describe('a process that dies', () => {
  const chain = (killed: string): ByteStream =>
    flow(
      noted('pg_dump', 'cat /dev/zero'),
      [
        { kind: 'count', label: 'plain', report: () => undefined },
        noted('middle', 'cat'),
        noted('last', 'cat'),
      ],
      { ...patient, signal: killed === '' ? running : patient.signal },
    )

  for (const label of ['pg_dump', 'middle', 'last']) {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      it(`is named as the cause: ${label}, ended by ${signal}`, async () => {
        const error = await killOnceBytesFlow(chain(label), label, signal)
        expect(error).toBeInstanceOf(LifeboatError)
        expect(error).toMatchObject({ code: 'process', message: `${label} was ended by ${signal}.` })
      })
    }
  }

  it('is named with its exit code and last lines, not with those that fell with it', async () => {
    const failing = script('xz', 'head -c 100000 >/dev/null; echo "cannot allocate memory" >&2; exit 1')
    const error = await errorOf(() => collect(flow(endless(), [failing, program('cat')], patient)))
    expect(error).toMatchObject({ message: 'xz failed with exit code 1:\ncannot allocate memory' })
  })

  it('is named when it stands first and those behind it end in good order', async () => {
    const head = script('pg_dump', 'printf data; echo "server closed the connection" >&2; exit 1')
    const error = await errorOf(() => collect(flow(head, [program('cat'), program('xz', '-0')], patient)))
    expect(error).toMatchObject({ message: 'pg_dump failed with exit code 1:\nserver closed the connection' })
  })

  it('is named when it stands first and those behind it complain that their input was cut', async () => {
    const head = script('download', 'printf "\\3757zXZ\\0"; echo "connection lost" >&2; exit 7')
    const error = await errorOf(() => collect(flow(head, [program('xz', '-d')], patient)))
    expect(error).toMatchObject({ message: 'download failed with exit code 7:\nconnection lost' })
  })

  it('keeps only the last lines of a talkative stderr', async () => {
    const head = script('pg_dump', 'seq 1 100000 >&2; exit 1')
    const error = await errorOf(() => collect(flow(head, [], patient)))
    const lines = (error as Error).message.split('\n').slice(1)
    expect(lines).toEqual(Array.from({ length: 20 }, (_, index) => String(99_981 + index)))
  })

  it('ends a flow whose other processes wait for ever', async () => {
    const dying = script('xz', 'sleep 0.1; exit 4')
    const error = await errorOf(() => collect(flow(script('pg_dump', 'exec sleep 600'), [dying], patient)))
    expect(error).toMatchObject({ message: 'xz failed with exit code 4.' })
  })

  it('ends the flow though nobody is reading at that moment', async () => {
    const iterator = flow(noted('pg_dump', 'cat /dev/zero'), [], patient)[Symbol.asyncIterator]()
    await iterator.next()
    process.kill(Number(await readFile(join(folder, 'pg_dump.pid'), 'utf8')), 'SIGKILL')
    while (childProcesses().length > 0) await delay(20)
    const error = await errorOf(async () => {
      for (let step = await iterator.next(); step.done !== true; step = await iterator.next());
    })
    expect(error).toMatchObject({ message: 'pg_dump was ended by SIGKILL.' })
  })

  it('is killed when it ignores SIGTERM', async () => {
    const stubborn = script('stubborn', 'trap "" TERM; while :; do sleep 0.1; done')
    const failing = script('failing', 'sleep 0.2; exit 1')
    const error = await errorOf(() => collect(flow(stubborn, [failing], patient)))
    expect(error).toMatchObject({ message: 'failing failed with exit code 1.' })
  })

  it('may end well before its input does, when it has read all that came', async () => {
    const head = {
      kind: 'bytes',
      label: 'head',
      bytes: (async function* () {
        yield Buffer.from('all there is\n')
        // Longer than the other takes to be gone.
        await new Promise((resolve) => setTimeout(resolve, 300))
      })(),
    } as const
    expect(await collect(flow(head, [script('knowing', 'read -r line; echo "$line"')], patient))).toEqual(
      Buffer.from('all there is\n'),
    )
  })

  it('is an error when it ends well before it has read everything that node gives it', async () => {
    const head = bytesOf(...Array.from({ length: 200 }, () => Buffer.alloc(65_536)))
    const error = await errorOf(() => collect(flow(head, [script('lazy', 'head -c 10 >/dev/null')], patient)))
    expect(error).toMatchObject({ message: 'lazy stopped reading before the end of what it was given.' })
  })
})

describe('a program that is missing', () => {
  it('is named, with what to install, before anything is started', async () => {
    const missing = { ...program('xz'), env: { PATH: folder } }
    const head = script('toucher', `touch ${folder}/started`)
    const error = await errorOf(() => collect(flow(head, [missing], patient)))
    expect(error).toMatchObject({
      code: 'platform',
      message: 'The program xz is not installed, or not on PATH.',
    })
    expect((error as LifeboatError).hint).toContain('xz-utils')
    await expect(readFile(join(folder, 'started'))).rejects.toThrow('ENOENT')
  })

  it('that cannot be executed leaves no other process behind', async () => {
    const broken = join(folder, 'broken')
    await writeFile(broken, '\0not a program', { mode: 0o755 })
    const error = await errorOf(() => collect(flow(endless(), [program(broken)], patient)))
    expect(error).toMatchObject({ code: expect.stringMatching(/platform|process/) })
    const unknownInterpreter = join(folder, 'script')
    await writeFile(unknownInterpreter, '#!/no/such/shell\n', { mode: 0o755 })
    const second = await errorOf(() =>
      collect(flow(endless(), [program(unknownInterpreter), program('cat')], patient)),
    )
    expect(second).toMatchObject({ code: 'platform', message: `${unknownInterpreter} cannot be started.` })
  })
})

describe('an error inside node', () => {
  const failing: TransformStage = {
    kind: 'transform',
    label: 'failing',
    async *transform(input) {
      for await (const chunk of input) {
        yield chunk
        throw new LifeboatError('damaged', 'broken on purpose')
      }
    },
  }

  it('of a transform at the end, in the middle or of the head ends every process', async () => {
    const bytes = (function* () {
      yield Buffer.alloc(100)
      throw new LifeboatError('damaged', 'broken on purpose')
    })()
    const brokenHead = { kind: 'bytes', label: 'head', bytes } as const
    for (const stream of [
      flow(endless(), [program('cat'), failing], patient),
      flow(endless(), [failing, program('cat'), upperCase, program('cat')], patient),
      flow(brokenHead, [program('cat'), upperCase], patient),
    ]) {
      expect(await errorOf(() => collect(stream))).toMatchObject({
        code: 'damaged',
        message: 'broken on purpose',
      })
      expect(childProcesses()).toEqual([])
    }
  })
})

describe('who stops a flow', () => {
  it('by reading no further ends every process', async () => {
    for (const stages of [[], [program('cat')], [upperCase, program('cat')], [program('cat'), upperCase]]) {
      for await (const chunk of flow(endless(), stages, patient)) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
      expect(childProcesses()).toEqual([])
    }
  })

  it('by `return` in the middle of a wait ends the wait too', async () => {
    const iterator = flow(script('silent', 'exec sleep 600'), [upperCase], patient)[Symbol.asyncIterator]()
    const waiting = errorOf(() => iterator.next())
    await delay(50)
    await iterator.return?.()
    expect(await waiting).toMatchObject({ code: 'cancelled' })
  })

  it('by its signal gets `cancelled`, whatever the flow was waiting for', async () => {
    const never: ByteStream = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    }
    for (const [head, stages] of [
      [endless(), [program('cat')]],
      [script('silent', 'exec sleep 600'), [program('cat')]],
      [{ kind: 'bytes', label: 'never', bytes: never }, [upperCase, program('cat')]],
      [bytesOf('x'), [script('silent', 'cat >/dev/null; exec sleep 600')]],
    ] as const) {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 60)
      const error = await errorOf(() =>
        collect(flow(head, stages, { ...patient, signal: controller.signal })),
      )
      expect(error).toMatchObject({ code: 'cancelled' })
      expect(childProcesses()).toEqual([])
    }
  })

  it('by its signal is given the error that the signal was aborted with', async () => {
    const reason = new LifeboatError('snapshot', 'The snapshot was lost.')
    expect(
      await errorOf(() => collect(flow(endless(), [], { ...patient, signal: AbortSignal.abort(reason) }))),
    ).toBe(reason)
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 60)
    expect(await errorOf(() => collect(flow(endless(), [], { ...patient, signal: controller.signal })))).toBe(
      reason,
    )
  })
})

describe('a stall', () => {
  it('is a source that gives nothing while somebody waits for it', async () => {
    const head = script('pg_dump', 'printf data; exec sleep 600')
    const error = await errorOf(() =>
      collect(flow(head, [program('cat')], { signal: running, stallMs: 400 })),
    )
    expect(error).toMatchObject({ code: 'stall', message: 'Nothing came out of pg_dump | cat for 0.4 s.' })
  })

  it('is bytes from node that do not come, too', async () => {
    const never: ByteStream = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    }
    const head = { kind: 'bytes', label: 'the download', bytes: never } as const
    const error = await errorOf(() =>
      collect(flow(head, [program('cat')], { signal: running, stallMs: 300 })),
    )
    expect(error).toMatchObject({ code: 'stall' })
  })

  it('is not a consumer that takes its time', async () => {
    const head = script('pg_dump', 'exec head -c 3000000 /dev/zero')
    const stream = flow(head, [program('cat'), upperCase, program('cat')], {
      signal: running,
      stallMs: 2_000,
    })
    expect(await readSlowly(stream, 2_500, 2)).toBe(3_000_000)
  })

  it('is not a compressor that computes in silence', async () => {
    const busy = script(
      'xz',
      'cat >/dev/null; i=0; while [ $i -lt 8000000 ]; do i=$((i+1)); done; printf done',
    )
    const stream = flow(script('pg_dump', 'printf data'), [busy], { signal: running, stallMs: 2_000 })
    expect((await collect(stream)).toString()).toBe('done')
  })

  it('is not a source that is slow but alive', async () => {
    const head = script('pg_dump', 'for i in 1 2 3 4 5 6 7 8; do printf x; sleep 0.5; done')
    const stream = flow(head, [program('cat')], { signal: running, stallMs: 3_000 })
    expect((await collect(stream)).toString()).toBe('xxxxxxxx')
  })
})

describe('backpressure', () => {
  it('holds a fast source back while the consumer is slow', async () => {
    let produced = 0
    const head = {
      kind: 'bytes',
      label: 'fast',
      bytes: (function* () {
        for (; produced < 2_000; produced += 1) yield randomBytes(65_536)
      })(),
    } as const
    const hash = createHash('sha256')
    let seen = 0
    for await (const chunk of flow(head, [program('cat'), program('cat')], patient)) {
      hash.update(chunk)
      if (seen++ === 0) {
        await delay(300)
        expect(produced).toBeLessThan(100)
      }
    }
    expect(produced).toBe(2_000)
  })
})
