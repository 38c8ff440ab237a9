import { describe, expect, it } from '@jest/globals'
import { parseComplaints, shortMessage } from '../../../src/postgres/complaints.ts'
import type { TocEntry } from '../../../src/postgres/table-of-contents.ts'

const entry = (id: number, kind: string, name: string, definition = ''): TocEntry => {
  return { id, kind, section: 'pre-data', schema: 's', name, owner: '', definition, needs: [] }
}
const KEY = entry(
  7,
  'FK CONSTRAINT',
  'b f',
  'ALTER TABLE ONLY s.b\n    ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES s.a(id);\n',
)
const ENTRIES = [entry(1, 'TABLE', 'a'), KEY, entry(9, 'TABLE DATA', 'a')]

describe('what pg_restore complains of', () => {
  it('is told with the entry, the words of the server and the command', () => {
    const text = `pg_restore: creating TABLE "s.a"
pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 1; 1259 16385 TABLE a postgres
pg_restore: error: could not execute query: FEHLER:  Rolle »x« existiert nicht
Command was: ALTER TABLE s.a OWNER TO x;


pg_restore: warning: errors ignored on restore: 1
`
    expect(parseComplaints(text, ENTRIES)).toEqual([
      {
        entry: ENTRIES[0],
        message: 'FEHLER:  Rolle »x« existiert nicht',
        kind: 'other',
        command: 'ALTER TABLE s.a OWNER TO x;',
      },
    ])
  })

  it('is about what the command makes where several speak at once', () => {
    const text = `pg_restore: from TOC entry 1; 1259 16385 TABLE a postgres
pg_restore: error: could not execute query: ERROR:  no
DETAIL:  Key (x)=(7) is not present.
Command was: ${KEY.definition}

`
    expect(parseComplaints(text, ENTRIES)).toEqual([
      {
        entry: KEY,
        message: 'ERROR:  no\nDETAIL:  Key (x)=(7) is not present.',
        kind: 'other',
        command: KEY.definition.trim(),
      },
    ])
  })

  it('is told whole however the jobs cut in on one another', () => {
    const table = entry(1, 'TABLE', 'a', 'CREATE TABLE s.a (\n    id integer\n);\n')
    const writes = (what: string): string[] => ['pg_restore:', ' ', what]
    const job = ({ id, definition }: TocEntry): string[] => [
      ...writes(`from TOC entry ${id}; 1259 16385 whatever\n`),
      'pg_restore:',
      ' ',
      'error: ',
      `could not execute query: ERROR:  no ${id}\nDETAIL:  why\nCommand was: ${definition}\n\n\n`,
      ...writes(`creating INDEX "s.after_${id}"\n`),
    ]
    const expected = [table, KEY].map((each) => ({
      entry: each,
      message: `ERROR:  no ${each.id}\nDETAIL:  why`,
      command: each.definition.trim(),
      kind: 'other',
    }))
    let orders = 0
    for (const text of interleavings(job(table), job(KEY))) {
      orders++
      const complaints = parseComplaints(text, [table, KEY])
      complaints.sort((a, b) => (a.entry?.id ?? 0) - (b.entry?.id ?? 0))
      // Not jest's own comparison a hundred thousand times over: only what differs is worth its words.
      if (JSON.stringify(complaints) !== JSON.stringify(expected))
        expect({ text, complaints }).toEqual({ text, expected })
    }
    expect(orders).toBe(184_756)
  })

  it('is about the rows of a table where a copy failed', () => {
    const text = `pg_restore: error: COPY failed for table "a": ERROR:  invalid input\nCONTEXT:  COPY a, line 1\n`
    expect(parseComplaints(text, ENTRIES)).toMatchObject([{ entry: ENTRIES[2], command: '' }])
  })

  it('is told in a line, with the first detail', () => {
    const message = 'ERROR:  insert violates key "b"\nDETAIL:  Key (x)=(7) is not present.\nHINT:  none'
    expect(shortMessage(message)).toBe('insert violates key "b" (DETAIL:  Key (x)=(7) is not present.)')
  })

  it('is nothing where all went well', () => {
    expect(parseComplaints('pg_restore: creating TABLE "s.a"\n', ENTRIES)).toEqual([])
  })
})

/** Every order in which two may write, each in its own. */
function* interleavings(a: readonly string[], b: readonly string[]): Generator<string> {
  const [first, ...restOfA] = a
  const [other, ...restOfB] = b
  if (first === undefined || other === undefined) {
    yield [...a, ...b].join('')
    return
  }
  for (const rest of interleavings(restOfA, b)) yield first + rest
  for (const rest of interleavings(a, restOfB)) yield other + rest
}
