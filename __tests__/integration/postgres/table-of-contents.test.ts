import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fillShop } from '../../../demo/shop.ts'
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

  it('is refused where it is cut or no archive', async () => {
    const bytes = await readFile(path)
    expect(parseArchive(bytes.subarray(0, 1_000))).toBeUndefined()
    await writeFile(join(folder, 'cut'), bytes.subarray(0, 1_000))
    await expect(readArchive(join(folder, 'cut'))).rejects.toThrow(/ends in its table of contents/)
    await writeFile(join(folder, 'sql'), 'CREATE TABLE a ();')
    await expect(readArchive(join(folder, 'sql'))).rejects.toThrow(/no archive of pg_dump/)
  })
})
