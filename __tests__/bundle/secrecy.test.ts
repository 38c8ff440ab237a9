import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readdir, readFile } from 'node:fs/promises'
import { fillShop } from '../../demo/shop.ts'
import { startAction, type ActionResult } from '../support/action-runner.ts'
import { backupStep, keyPair } from '../support/backup-step.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { descendantsOf, type SeenProcess } from '../support/process-tree.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'
import { waitingPgDump } from '../support/waiting-pg-dump.ts'

const TOKEN = 'the-token-of-the-runner-0123456789'
const PROGRAMS = ['/pg_dump --format', '/xz ', '/dd ']
const NODES_ONLY = ['DATABASE_URL', 'R2_SECRET_ACCESS_KEY', 'ACTIONS_RUNTIME_TOKEN', 'INPUT_', 'PGPASSWORD']

describe('Secrets and foreign text in a backup with debug on', () => {
  let server: PostgresServer
  let store: Radosgw
  let result: ActionResult
  const processes = new Map<number, SeenProcess>()
  const commandLines = new Set<string>()
  let secrets: string[] = []

  beforeAll(async () => {
    ;[server, store] = await Promise.all([startPostgres(), startRadosgw()])
    await fillShop(server, 'shop', { scale: 0.5 })
    const { recipient } = await keyPair()
    await using dump = await waitingPgDump(server.binDir)
    const step = backupStep({ server, store, recipient }, { compression: 'xz:6', 'pg-bin-dir': dump.binDir })
    secrets = [server.password, store.secretAccessKey, TOKEN, server.url('shop')]
    await using action = await startAction({
      ...step,
      env: { ...step.env, RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true', ACTIONS_RUNTIME_TOKEN: TOKEN },
    })
    const watching = { on: true, everybodySeen: false }
    const watch = (async () => {
      const own = (await readFile(`/proc/${action.pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
      while (watching.on) {
        for (const seen of await descendantsOf(action.pid)) {
          // A fork that is no program of its own yet.
          if (seen.commandLine !== own) processes.set(seen.pid, seen)
        }
        if (!watching.everybodySeen && PROGRAMS.every((program) => ranAs(program))) {
          watching.everybodySeen = true
          await dump.letGo()
        }
        for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
          commandLines.add(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
        }
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    result = await action.finished()
    watching.on = false
    await watch
  }, 240_000)
  afterAll(async () => {
    await store[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  const ranAs = (program: string): boolean =>
    [...processes.values()].some(({ commandLine }) => commandLine.includes(program))

  it('succeeds, and was watched at work', () => {
    expect(result.exitCode).toBe(0)
    expect(PROGRAMS.filter((program) => !ranAs(program))).toEqual([])
  })

  it('shows no secret in the command line of any process of the machine', () => {
    for (const commandLine of commandLines) {
      for (const secret of secrets) expect(commandLine).not.toContain(secret)
    }
  })

  it('gives no child a variable that it does not need', () => {
    for (const { environment, commandLine } of processes.values()) {
      for (const secret of secrets) expect(environment).not.toContain(secret)
      for (const name of NODES_ONLY) expect(environment).not.toContain(name)
      if (!commandLine.includes('pg_dump')) expect(environment).not.toMatch(/^PG/m)
    }
  })

  it('shows no secret in log, summary, outputs or state, nor in the manifest', async () => {
    const manifest = (await store.view.get(result.outputs['manifest-key'] ?? '')).toString()
    const told = [
      // The one line that has to hold them: it tells the runner what to hide.
      result.log.replaceAll(/^::add-mask::.*$/gm, ''),
      result.summary,
      manifest,
      JSON.stringify([result.outputs, result.state, result.exported]),
    ]
    for (const text of told) for (const secret of secrets) expect(text).not.toContain(secret)
  })

  it('lets no name of a table become a command of the runner, or markup of the page', () => {
    const commands = result.log.split('\n').filter((line) => /^\s*::|##\[/.test(line))
    expect(
      commands.filter((line) => !/^::(add-mask|group|endgroup|debug|notice|warning)(::| )/.test(line)),
    ).toEqual([])
    expect(result.outputs['backup-id']).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{6}$/)
    expect(result.summary).not.toMatch(/<script|<img|<a /i)
  })

  it('names no table in the manifest, which is not encrypted', async () => {
    const manifest = (await store.view.get(result.outputs['manifest-key'] ?? '')).toString()
    expect(manifest).not.toMatch(/order_items|customers|gotcha/)
  })
})
