import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LifeboatError } from '../../../src/errors.ts'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { installClient, parseOsRelease, type ClientInstall } from '../../../src/postgres/client-install.ts'
import {
  candidateDirectories,
  findClientTools,
  type ClientSearch,
} from '../../../src/postgres/client-tools.ts'
import { commandRunner, patientRunner } from '../../../src/postgres/run-command.ts'
import { programFolder } from '../../../src/temporary.ts'
import { startAptRepository, type LocalAptRepository } from '../../support/apt-repository.ts'
import { installedMajors } from '../../support/postgres-majors.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { unprivilegedUser } from '../../support/unprivileged-user.ts'

const MAJOR = 99
const PROGRAM = '#!/bin/sh\necho "pg_dump (PostgreSQL) 99.4 (stand-in)"\n'
const OS_RELEASE = 'ID=debian\nVERSION_CODENAME=standin\n'

const run = commandRunner(childEnvironment())
/** Brings each time it is asked. */
const into = (folder: string): ClientInstall['programs'] => ({
  once: (name, bring) => bring(join(folder, name)),
})

describe('The client tools', () => {
  let repository: LocalAptRepository
  let toolFolder: string

  beforeAll(async () => {
    repository = await startAptRepository({
      suite: 'standin-pgdg',
      component: 'main',
      name: `postgresql-client-${MAJOR}`,
      version: '99.4-1',
      files: { [`usr/lib/postgresql/${MAJOR}/bin/pg_dump`]: PROGRAM },
    })
  })
  afterAll(async () => {
    await repository[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    toolFolder = await mkdtemp(join(tmpdir(), 'lifeboat-tools-'))
  })
  afterEach(() => rm(toolFolder, { recursive: true, force: true }))

  const install = (overrides: Partial<ClientInstall> = {}): ClientInstall => ({
    platform: 'linux',
    arch: process.arch,
    programs: into(toolFolder),
    run,
    work: patientRunner(childEnvironment(), new AbortController().signal),
    osRelease: OS_RELEASE,
    repository,
    ...overrides,
  })
  const search = (overrides: Partial<ClientSearch> = {}): ClientSearch => ({
    major: MAJOR,
    pgBinDir: undefined,
    path: process.env['PATH'] ?? '',
    run,
    install: (major) => installClient(major, install()),
    log: recordingLog(),
    ...overrides,
  })

  it('are those of the machine where it has the right major', async () => {
    const [own] = await installedMajors()
    if (!own) throw new Error('this machine has no PostgreSQL')
    const install = (): Promise<never> => Promise.reject(new Error('nothing is to be installed'))
    expect(await findClientTools(search({ major: own.major, install }))).toMatchObject({
      directory: `/usr/lib/postgresql/${own.major}/bin`,
      version: expect.stringMatching(new RegExp(`^${own.major}\\.`)),
    })
  })

  it('are looked for in the folder of the major before PATH, whose wrapper takes the newest', () => {
    const [first, ...others] = candidateDirectories(16, '/usr/bin:relative:/opt/bin')
    expect(first).toBe('/usr/lib/postgresql/16/bin')
    expect(others.slice(-2)).toEqual(['/usr/bin', '/opt/bin'])
  })

  it('come from the signed repository where the machine has none, and change nothing else on it', async () => {
    const found = await findClientTools(search())
    expect(found).toMatchObject({ version: '99.4' })
    expect(found.directory.startsWith(toolFolder)).toBe(true)
    expect(existsSync(`/usr/lib/postgresql/${MAJOR}`)).toBe(false)
    expect(await readdir(toolFolder)).toHaveLength(1)
  })

  it('come without root', async () => {
    const user = unprivilegedUser()
    const own = await mkdtemp(join(tmpdir(), 'lifeboat-tools-'))
    if (user) await chown(own, user.uid, user.gid)
    const drop = user ? ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []
    // Everything but our own making of folders runs as the other user.
    const asUser: ClientInstall['work'] = async (command, args) => {
      if (user) await run('chown', ['-R', `${user.uid}:${user.gid}`, own])
      const [program = command, ...rest] = [...drop, command, ...args]
      return run(program, rest)
    }
    expect(await installClient(MAJOR, install({ programs: into(own), work: asUser }))).toMatchObject({
      directory: expect.stringContaining(`/postgresql/${MAJOR}/bin`),
    })
    await rm(own, { recursive: true, force: true })
  })

  it('are brought anew in every run, and once in it', async () => {
    const states: string[] = []
    const reporter = { saveState: (_: string, value: string) => void states.push(value) }
    const bringing = async (): Promise<string> => {
      await using programs = programFolder(toolFolder, reporter)
      const around = install({ programs })
      const [first, second] = [await installClient(MAJOR, around), await installClient(MAJOR, around)]
      expect(second).toEqual(first)
      expect(existsSync(join(first.directory, 'pg_dump'))).toBe(true)
      return first.directory
    }
    const [one, other] = [await bringing(), await bringing()]
    expect(other).not.toBe(one)
    expect(states).toHaveLength(2)
    for (const folder of states) expect(existsSync(folder)).toBe(false)
  })

  it('end with a run that is cancelled while they are brought', async () => {
    const stop = new AbortController()
    const never = patientRunner(childEnvironment(), stop.signal)
    const waiting = installClient(MAJOR, install({ work: () => never('sleep', ['600']) }))
    stop.abort(new LifeboatError('cancelled', 'The run was cancelled.'))
    await expect(waiting).rejects.toMatchObject({ cause: { code: 'cancelled' } })
    expect(await readdir(toolFolder)).toEqual([])
  })

  it('are refused when somebody else signed the repository, with the line that installs them', async () => {
    await using other = await startAptRepository({
      suite: 'standin-pgdg',
      component: 'main',
      name: `postgresql-client-${MAJOR}`,
      version: '99.4-1',
      files: { [`usr/lib/postgresql/${MAJOR}/bin/pg_dump`]: PROGRAM },
    })
    const forged = { url: repository.url, key: other.key }
    await expect(installClient(MAJOR, install({ repository: forged }))).rejects.toMatchObject({
      code: 'client-tools',
      hint: expect.stringContaining(`postgresql-client-${MAJOR}`),
    })
    expect(await readdir(toolFolder)).toEqual([])
  })

  it('are named, with how to get them, on a system that is neither Debian nor macOS', async () => {
    await expect(installClient(MAJOR, install({ osRelease: 'ID=alpine\n' }))).rejects.toMatchObject({
      code: 'client-tools',
      hint: expect.stringMatching(/apt-get install.*brew install.*pg-bin-dir/),
    })
  })

  it('come from Homebrew on macOS', async () => {
    const calls: string[] = []
    const brew: ClientInstall['run'] = (command, args) => {
      calls.push([command, ...args].join(' '))
      return Promise.resolve('/opt/homebrew/opt/postgresql@99\n')
    }
    expect(await installClient(MAJOR, install({ platform: 'darwin', run: brew, work: brew }))).toEqual({
      directory: '/opt/homebrew/opt/postgresql@99/bin',
      environment: {},
    })
    expect(calls).toEqual(['brew install --quiet postgresql@99', 'brew --prefix postgresql@99'])
  })

  it.each([
    ['ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n', { debian: true, codename: 'noble' }],
    ['ID="linuxmint"\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=zara\n', { debian: true, codename: 'zara' }],
    ['ID=fedora\n', { debian: false, codename: '' }],
  ])('know the system by %j', (text, expected) => {
    expect(parseOsRelease(text)).toEqual(expected)
  })
})
