import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { workingRoom, type MemoryRoom } from '../../../src/commands/working-room.ts'

const MIB = 2 ** 20

describe('where a verification works', () => {
  const needs = { stored: 10 * MIB, plain: 60 * MIB, database: 80 * MIB }
  /** With what an empty server takes. */
  const all = (10 + 60 + 80 + 128) * MIB
  let temporary: string
  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'lifeboat-room-'))
  })
  afterEach(() => rm(temporary, { recursive: true, force: true }))

  const memory = (bytes: number): MemoryRoom => ({
    folder: temporary,
    bytes,
    make: async () => {
      const path = join(temporary, 'memory')
      await mkdir(path)
      return path
    },
  })

  it.each([
    ['in memory where all of it fits', memory, all, 'memory'],
    ['on the disk where a byte is missing', memory, all - 1, 'backup'],
    ['on the disk where there is no memory to work in', () => undefined, 0, 'backup'],
  ])('is %s', async (_, of, bytes, expected) => {
    const room = await workingRoom(needs, { memory: of(bytes), temporary })
    expect(room).toMatchObject({
      needs,
      path: join(temporary, expected),
      memory: expected === 'memory' ? temporary : undefined,
    })
    expect(existsSync(room.path)).toBe(true)
    await room[Symbol.asyncDispose]()
    expect(existsSync(room.path)).toBe(false)
  })
})
