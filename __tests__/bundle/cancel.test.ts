import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAction } from '../support/action-runner.ts'
import { keyPair } from '../support/backup-step.ts'
import { listen } from '../support/listen.ts'

/**
 * A runner kills 10 s after its SIGINT. Every wait here would last for minutes otherwise; a machine that is busy gets as
 * much again.
 */
const LIMIT_MS = 20_000

describe('A cancel is heard', () => {
  let folder: string
  let silent: Server
  let halting: Server
  let ports: { readonly silent: number; readonly halting: number }
  const sockets = new Set<Socket>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-cancel-'))
    silent = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined))
    })
    // A store that begins to answer, and says no more.
    halting = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined))
      socket.once('data', () => {
        socket.write(
          'HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 5000\r\n\r\n' +
            '<?xml version="1.0"?>',
          () => halting.emit('halted'),
        )
      })
    })
    ports = { silent: await listen(silent), halting: await listen(halting) }
  })
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    silent.close()
    halting.close()
    await rm(folder, { recursive: true, force: true })
  })

  const STORE = { 'access-key-id': 'key-of-nobody', 'secret-access-key': 'secret-of-nobody', region: 'auto' }

  it.each([
    ['backup', 'silent', 'database'],
    ['backup', 'silent', 'store'],
    ['backup', 'silent', 'search'],
    ['list', 'halting', 'store'],
    ['list', 'silent', 'store'],
    ['prune', 'halting', 'store'],
    ['check', 'silent', 'store'],
    ['lifecycle', 'silent', 'store'],
    ['restore', 'halting', 'store'],
    ['restore-verify', 'silent', 'store'],
    ['replicate', 'halting', 'store'],
    ['drill', 'silent', 'store'],
    ['doctor', 'silent', 'store'],
  ] as const)('by %s, that waits for a %s %s', async (command, how, who) => {
    const { identity, recipient } = await keyPair()
    const at = `127.0.0.1:${ports[how]}`
    const database = `postgresql://u:a-long-password@${who === 'database' ? at : '127.0.0.1:1'}/shop`
    const inputs = {
      command,
      bucket: 'backups',
      ...(who === 'store' ? { ...STORE, endpoint: `http://${at}` } : {}),
      ...(who === 'search' ? { source: 'meilisearch' } : {}),
      ...(who !== 'store' ? { bucket: `file://${folder}/bucket` } : {}),
      ...(command === 'restore' ? { 'target-database-url': database, confirm: 'shop' } : {}),
      ...(command === 'replicate' ? { replica: `file://${folder}/replica` } : {}),
    }
    const env = {
      ...(['backup', 'doctor'].includes(command) ? { DATABASE_URL: database } : {}),
      ...(command === 'backup' ? { AGE_RECIPIENT: recipient } : {}),
      ...(['restore', 'restore-verify', 'drill'].includes(command) ? { AGE_IDENTITY: identity } : {}),
      ...(who === 'search' ? { MEILI_HOST: `http://${at}`, MEILI_API_KEY: 'a-key-of-nobody' } : {}),
    }
    const reached = how === 'silent' ? once(silent, 'connection') : once(halting, 'halted')
    await using action = await startAction({ inputs, env })
    const ended = action.finished()
    await Promise.race([reached, ended.then(({ log }) => Promise.reject(new Error(log)))])
    const since = performance.now()
    action.kill('SIGINT')
    const result = await ended
    expect(performance.now() - since).toBeLessThan(LIMIT_MS)
    expect(result).toMatchObject({ exitCode: 1, signal: null })
    expect(result.log).toMatch(/The run was cancelled \(SIGINT\)/)
    expect(result.log).not.toMatch(/defect in Lifeboat|Something did not stop in time/)
  })
})
