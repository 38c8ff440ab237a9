import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { randomInt } from 'node:crypto'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { installServer } from '../../../src/postgres/client-install.ts'
import { commandRunner, patientRunner } from '../../../src/postgres/run-command.ts'
import { startScratchServer } from '../../../src/postgres/scratch-server.ts'
import { findServerTools } from '../../../src/postgres/server-tools.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { startAptRepository, type LocalAptRepository } from '../../support/apt-repository.ts'
import { installedMajors } from '../../support/postgres-majors.ts'
import { recordingLog } from '../../support/recording-log.ts'

const { signal } = new AbortController()
const run = commandRunner(childEnvironment())

describe('A server that the machine does not have', () => {
  let repository: LocalAptRepository
  let toolFolder: string
  let major: number

  beforeAll(async () => {
    const [own] = await installedMajors()
    if (!own) throw new Error('this machine has no PostgreSQL')
    major = own.major
    repository = await startAptRepository({
      suite: 'standin-pgdg',
      component: 'main',
      name: `postgresql-${major}`,
      version: '99.0-1',
      files: {},
      // The machine's own, as its package has them.
      folders: [`/usr/lib/postgresql/${major}`, `/usr/share/postgresql/${major}`],
    })
    toolFolder = await mkdtemp(join(tmpdir(), 'lifeboat-tools-'))
    await chmod(toolFolder, 0o755)
  })
  afterAll(async () => {
    await repository[Symbol.asyncDispose]()
    await rm(toolFolder, { recursive: true, force: true })
  })

  const clusters = (): Promise<string[]> => readdir('/etc/postgresql').catch(() => [])
  let bringing: ReturnType<typeof installServer> | undefined
  /** Once, as in a run. */
  const brought = () =>
    (bringing ??= installServer(major, {
      platform: 'linux',
      arch: process.arch,
      programs: { once: (name, bring) => bring(join(toolFolder, name)) },
      run,
      work: patientRunner(childEnvironment(), signal),
      osRelease: 'ID=debian\nVERSION_CODENAME=standin\n',
      repository,
    }))

  it('comes from the signed repository, starts no cluster of its own, and runs', async () => {
    const before = await clusters()
    const { directory } = await brought()
    expect(directory.startsWith(toolFolder)).toBe(true)
    expect(await clusters()).toEqual(before)
    expect(await readdir(toolFolder)).toHaveLength(1)

    const search = { major, path: '', run, log: recordingLog(), install: brought }
    const tools = await findServerTools({ ...search, pgBinDir: directory })
    await using server = await startScratchServer({
      tools,
      parents: ['/tmp'],
      machine: { memoryBytes: 2 ** 30, processors: 1 },
      uid: process.getuid?.() ?? -1,
      isolation: 'own-user',
      secret: () => crypto.randomUUID(),
      random: randomInt,
      remember: () => undefined,
      log: recordingLog(),
      signal,
    })
    await using session = await openSession(server.superuser, signal)
    const [row] = await session.query(`SELECT setting FROM pg_config WHERE name = 'BINDIR'`)
    expect(row?.setting).toBe(directory)
    await session.query('CREATE EXTENSION pg_trgm WITH SCHEMA public')
    expect(await session.query(`SELECT public.similarity('lifeboat', 'lifeboat') AS s`)).toEqual([{ s: '1' }])
  })

  it('is refused where its user could not reach its programs', async () => {
    const { directory } = await brought()
    await chmod(toolFolder, 0o700)
    const starting = startScratchServer({
      tools: { directory, version: `${major}.0`, environment: {} },
      parents: ['/tmp'],
      machine: { memoryBytes: 2 ** 30, processors: 1 },
      // As root the server has to be another user's.
      uid: 0,
      isolation: 'own-user',
      secret: () => crypto.randomUUID(),
      random: randomInt,
      remember: () => undefined,
      log: recordingLog(),
      signal,
    })
    await expect(starting).rejects.toMatchObject({
      code: 'platform',
      message: expect.stringMatching(/may not enter/),
    })
    await chmod(toolFolder, 0o755)
  })
})
