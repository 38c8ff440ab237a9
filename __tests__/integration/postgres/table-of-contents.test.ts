import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fillShop } from '../../../demo/shop.ts'
import { markOffsets } from '../../../src/postgres/archive-offsets.ts'
import { parseArchive, readArchive } from '../../../src/postgres/table-of-contents.ts'
import { twoMajors } from '../../support/postgres-majors.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { runProgram } from '../../support/run-program.ts'

describe.each(await twoMajors())('the table of contents of an archive of pg_dump $major', ({ binDir }) => {
  let folder: string
  let path: string
  let listed: string[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-toc-'))
    path = join(folder, 'shop.dump')
    await using server = await startPostgres({ binDir })
    await fillShop(server, 'shop', { scale: 0 })
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', ...server.environment() }
    await runProgram(join(binDir, 'pg_dump'), ['-Fc', '-Z0', '-f', path, 'shop'], { env })
    listed = (await runProgram(join(binDir, 'pg_restore'), ['--list', path], { env })).split('\n')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('has what pg_restore lists, in its order', async () => {
    const { entries, database, encoding } = await readArchive(path)
    expect({ database, encoding }).toEqual({ database: 'shop', encoding: 'UTF8' })
    const shown = listed.flatMap((line) => /^(\d+); \d+ \d+ (.*)$/.exec(line)?.slice(1, 3) ?? [])
    const ids = shown.filter((_, index) => index % 2 === 0).map(Number)
    expect(entries.filter(({ id }) => ids.includes(id)).map(({ id }) => id)).toEqual(ids)
    for (const { id, kind, owner } of entries.filter((entry) => ids.includes(entry.id))) {
      const text = shown[ids.indexOf(id) * 2 + 1] ?? ''
      expect(text.startsWith(`${kind} `)).toBe(true)
      expect(text.endsWith(` ${owner}`)).toBe(true)
    }
  })

  it('says what each entry needs', async () => {
    const { entries } = await readArchive(path)
    const orders = entries.find(({ kind, name }) => kind === 'TABLE' && name === 'orders')
    const keys = entries.filter(
      ({ kind, needs }) => kind === 'FK CONSTRAINT' && needs.includes(orders?.id ?? -1),
    )
    expect(keys.length).toBeGreaterThan(0)
    for (const { definition } of keys) expect(definition).toMatch(/^ALTER TABLE .* FOREIGN KEY/s)
  })

  describe('of one that went through a pipe', () => {
    /** As it is without what pg_dump writes into a file afterwards. */
    const piped = async (): Promise<string> => {
      const bytes = await readFile(path)
      const { offsetAt } = (await readArchive(path)).layout
      for (const at of offsetAt.values())
        if (bytes[at] === SET) bytes.fill(0, at, at + 9).fill(NOT_SET, at, at + 1)
      const copy = join(folder, 'piped.dump')
      await writeFile(copy, bytes)
      return copy
    }

    it('learns where rows and large objects begin, as pg_dump itself says it of a file', async () => {
      const copy = await piped()
      const before = await readFile(copy)
      const { layout } = await readArchive(copy)
      const blocks = await markOffsets(copy, layout)
      const itsOwn = await readFile(path)
      expect(before.equals(itsOwn)).toBe(false)
      expect(blocks.size).toBe([...layout.offsetAt.values()].filter((at) => itsOwn[at] === SET).length)
      expect((await readFile(copy)).equals(itsOwn)).toBe(true)
      // One begins where the one before ends, and after the last there is nothing.
      const sorted = [...blocks.values()].sort((a, b) => a.start - b.start)
      expect(sorted.map(({ start }) => start)).toEqual([
        layout.end,
        ...sorted.slice(0, -1).map(({ end }) => end),
      ])
      expect(sorted.at(-1)?.end).toBe(itsOwn.length)
      // What is known is not said again.
      expect(await markOffsets(copy, layout)).toEqual(blocks)
      expect((await readFile(copy)).equals(itsOwn)).toBe(true)
    })

    it('is left as it is where the rows end too early', async () => {
      const copy = await piped()
      const bytes = (await readFile(copy)).subarray(0, -10)
      await writeFile(copy, bytes)
      expect(await markOffsets(copy, (await readArchive(copy)).layout)).toEqual(new Map())
      expect((await readFile(copy)).equals(bytes)).toBe(true)
    })
  })

  it('is refused where it is cut or no archive', async () => {
    const bytes = await readFile(path)
    expect(parseArchive(bytes.subarray(0, 1_000))).toBeUndefined()
    await writeFile(join(folder, 'cut'), bytes.subarray(0, 1_000))
    await expect(readArchive(join(folder, 'cut'))).rejects.toThrow(/ends in its table of contents/)
    await writeFile(join(folder, 'sql'), 'CREATE TABLE a ();')
    await expect(readArchive(join(folder, 'sql'))).rejects.toThrow(/no archive of pg_dump/)
  })
})

/** Whether an offset is known, as PostgreSQL's `pg_backup_archiver.h` has it. */
const [NOT_SET, SET] = [1, 2]
