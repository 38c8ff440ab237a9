import { describe, expect, it } from '@jest/globals'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const SOURCES = join(import.meta.dirname, '../../../src')

/** Every line that leads a connection into another database, by file. Who adds one says here who enters what. */
const LEADING_ELSEWHERE: Readonly<Record<string, number>> = {
  // The superuser of a verification, once, while the copy is empty; and as its owner, with a password of its own.
  'postgres/restore-target.ts': 2,
  // The role that a restore was given: out of the database, and into the copy that is to take its place.
  'postgres/restorer.ts': 3,
  // The role that backs up, into each of its databases.
  'wiring.ts': 1,
}

describe('the copy of a verification', () => {
  it('is entered by no superuser in any line but the one that furnishes it', async () => {
    const found: Record<string, number> = {}
    for (const file of await readdir(SOURCES, { recursive: true })) {
      if (!file.endsWith('.ts') || file === 'postgres/connection.ts') continue
      const text = await readFile(join(SOURCES, file), 'utf8')
      const count = [...text.matchAll(/\binDatabase\(/g)].length
      if (count > 0) found[file] = count
    }
    expect(found).toEqual(LEADING_ELSEWHERE)
  })

  it('is handed on with no connection but that of its owner, and one that leads elsewhere', async () => {
    const target = await readFile(join(SOURCES, 'postgres/restore-target.ts'), 'utf8')
    const declared = /export interface RestoreTarget .*?\n}\n/s.exec(target)?.[0] ?? ''
    const connections = [...declared.matchAll(/readonly (\w+): Connection/g)].map(([, name]) => name)
    expect(connections).toEqual(['administrator', 'owner'])
    const made = /const target = \{.*?\n {2}\}\n/s.exec(target)?.[0] ?? ''
    expect(made).toMatch(/\n {4}administrator,\n/)
  })
})
