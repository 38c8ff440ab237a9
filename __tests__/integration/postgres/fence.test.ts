import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { randomInt, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { commandRunner } from '../../../src/postgres/run-command.ts'
import { removeScratch, type ScratchLeft } from '../../../src/postgres/scratch-files.ts'
import {
  startScratchServer,
  type ScratchOptions,
  type ScratchServer,
} from '../../../src/postgres/scratch-server.ts'
import { findServerTools } from '../../../src/postgres/server-tools.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { livingProcesses } from '../../../src/postgres/spare-id.ts'
import { pathWithout } from '../../support/lean-path.ts'
import { installedMajors } from '../../support/postgres-majors.ts'
import { recordingLog } from '../../support/recording-log.ts'

const { signal } = new AbortController()
const PATH = process.env['PATH'] ?? ''

/** What the machine lacks, and what comes of it; `uid` is whom the step takes itself for. */
const MACHINES = [
  { machine: 'root', without: [], kind: 'own-user', apart: true },
  { machine: 'root in a container, which may make no namespaces', without: ['unshare'], kind: 'own-user' },
  { machine: 'a user who may call sudo', without: [], uid: 1000, kind: 'own-user', apart: true },
  { machine: 'a user who may not', without: ['sudo'], uid: 1000, kind: 'namespace', apart: true },
] as const

describe('What a dump makes the throwaway server do', () => {
  let tools: ScratchOptions['tools']
  let left: ScratchLeft | undefined

  beforeAll(async () => {
    if (process.getuid?.() !== 0) throw new Error('these tests take root')
    const [own] = await installedMajors()
    if (!own) throw new Error('this machine has no PostgreSQL')
    const install = (): Promise<never> => Promise.reject(new Error('nothing is to be installed'))
    const run = commandRunner(childEnvironment())
    const search = { major: own.major, pgBinDir: undefined, path: '', run, install, log: recordingLog() }
    tools = await findServerTools(search)
  })
  afterEach(() => {
    process.env['PATH'] = PATH
  })

  const start = (overrides: Partial<ScratchOptions> = {}): Promise<ScratchServer> =>
    startScratchServer({
      tools,
      parents: ['/tmp'],
      machine: { memoryBytes: 2 ** 30, processors: 1 },
      uid: 0,
      isolation: 'own-user',
      secret: () => randomUUID(),
      random: randomInt,
      remember: (made) => (left = made),
      log: recordingLog(),
      signal,
      ...overrides,
    })
  /** Runs a command of the shell as the server does for a superuser, which no dump is; gives what it printed. */
  const shell = async (server: ScratchServer, command: string): Promise<string> => {
    await using session = await openSession(server.superuser, signal)
    await session.query('CREATE TEMPORARY TABLE said (line text)')
    await session.query(`COPY pg_temp.said FROM PROGRAM $program$ ${command} $program$`)
    return (await session.query('SELECT line FROM pg_temp.said')).map(({ line }) => line).join('\n')
  }
  const lacking = async (programs: readonly string[]): Promise<string> => {
    let path = PATH
    for (const program of programs) {
      process.env['PATH'] = path
      path = await pathWithout(program)
    }
    process.env['PATH'] = path
    return path
  }

  describe.each(MACHINES)('on the machine of $machine', (each) => {
    const { without, kind } = each
    const uid = 'uid' in each ? each.uid : 0

    it('ends with it, and leaves neither a process nor a file', async () => {
      await lacking(without)
      const server = await start({ uid })
      const { folder, fence } = left ?? { folder: '', fence: undefined }
      expect(fence).toMatchObject({ kind, apart: 'apart' in each })
      const mark = randomUUID()
      // A session of its own, no parent and no open file: nothing but its user tells whose it is.
      const alone = `for fd in {0..99}; do eval "exec $fd>&-"; done; while :; do sleep 1; : ${mark}; done`
      await shell(server, `setsid -f bash -c '${alone}'; echo done`)
      expect((await commandLines()).filter((line) => line.includes(mark))).not.toEqual([])
      await server[Symbol.asyncDispose]()
      expect((await commandLines()).filter((line) => line.includes(mark))).toEqual([])
      expect(existsSync(folder)).toBe(false)
      expect(server.notes.join()).toMatch('apart' in each ? /^$/ : /no namespace of processes/)
    })

    it('is ended by the post step too, after whatever became of the step', async () => {
      await lacking(without)
      const server = await start({ uid })
      const seen = JSON.parse(JSON.stringify(left)) as ScratchLeft
      await removeScratch(seen)
      expect(existsSync(seen.folder)).toBe(false)
      expect((await commandLines()).filter((line) => line.includes(seen.folder))).toEqual([])
      // Twice does no harm.
      await removeScratch(seen)
      await server[Symbol.asyncDispose]()
    })

    it('reads nothing of this process and writes nothing outside of its folder', async () => {
      await lacking(without)
      await using server = await start({ uid })
      const secret = await mkdtemp(join(tmpdir(), 'lifeboat-secret-'))
      const places = ['/tmp', '/var/tmp', '/dev/shm'].map((place) => `${place}/${randomUUID()}`)
      const tricks = [
        `cat /proc/${process.pid}/environ`,
        `ls ${secret}`,
        `kill -0 ${process.pid}`,
        ...('apart' in each ? places.map((place) => `touch ${place}`) : []),
        'id -u | grep -x 0',
        'mount -t tmpfs none /mnt',
      ]
      for (const trick of tricks) {
        expect([trick, await shell(server, `(${trick}) >&- 2>&-; echo $?`)]).not.toEqual([trick, '0'])
      }
      await rm(secret, { recursive: true })
    })
  })

  it('runs as a user whom no table and no other process knows, another one each time', async () => {
    await using first = await start()
    const one = left?.fence.kind === 'own-user' ? left.fence.id : 0
    await using second = await start()
    const other = left?.fence.kind === 'own-user' ? left.fence.id : 0
    expect(one).toBeGreaterThan(2_000_000_000)
    expect(other).not.toBe(one)
    const table = await readFile('/etc/passwd', 'utf8')
    for (const id of [one, other]) expect(table).not.toContain(`:${id}:`)
    for (const [server, id] of [
      [first, one],
      [second, other],
    ] as const)
      expect(await shell(server, 'id -u; id -G')).toBe(`${id}\n${id}`)
    // Neither comes near the other.
    const theirs = (await livingProcesses()).filter(({ uids }) => uids.includes(other))
    for (const { pid } of theirs) expect(await shell(first, `(kill -0 ${pid}) 2>&-; echo $?`)).not.toBe('0')
  })

  it('lets nobody else come to its socket', async () => {
    await using server = await start()
    const { host } = server.superuser
    const ask = ['--reuid=65534', '--regid=65534', '--clear-groups', 'ls', host]
    await expect(commandRunner(childEnvironment())('setpriv', ask)).rejects.toThrow(/Permission denied/)
  })

  it('is refused where there is neither another user nor a namespace, unless somebody said so', async () => {
    await lacking(['sudo', 'unshare'])
    await expect(start({ uid: 1000 })).rejects.toMatchObject({
      code: 'platform',
      message: expect.stringMatching(/no user of its own to run as/),
      hint: expect.stringMatching(/target-database-url.*isolation: shared-user/),
    })
    await lacking(['setpriv'])
    await expect(start()).rejects.toMatchObject({ message: expect.stringMatching(/root may not become/) })
  })
})

async function commandLines(): Promise<string[]> {
  const living = await livingProcesses()
  return Promise.all(living.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
}
