import { describe, expect, it } from '@jest/globals'
import type { Complaint } from '../../../src/postgres/complaints.ts'
import { judgeComplaints } from '../../../src/postgres/judge-complaints.ts'
import type { TocEntry } from '../../../src/postgres/table-of-contents.ts'

const entry = (id: number, kind: string, needs: readonly number[] = []): TocEntry => {
  return { id, kind, section: 'pre-data', schema: 's', name: `n${id}`, owner: '', definition: '', needs }
}
const FUNCTION = entry(1, 'FUNCTION')
const VIEW = entry(2, 'VIEW', [1])
const COMMENT = entry(3, 'COMMENT', [2])
const TABLE = entry(4, 'TABLE')
const WRAPPER = entry(5, 'FOREIGN DATA WRAPPER')
const SERVER = entry(6, 'SERVER', [5])
const ENTRIES = [FUNCTION, VIEW, COMMENT, TABLE, WRAPPER, SERVER]
const about = (which: TocEntry | undefined, message: string): Complaint => {
  return { entry: which, message: `ERROR:  ${message}`, command: '' }
}
const RIGHTS = about(FUNCTION, 'permission denied for language c')
const judge = (complaints: readonly Complaint[], missing: readonly number[] = []) =>
  judgeComplaints(complaints, ENTRIES, new Set(missing))

describe('what a restore without superuser rights complains of', () => {
  it('is not the fault of the archive where it is about rights, or about what needs what was refused', () => {
    const view = about(VIEW, 'function s.n1() does not exist')
    const comment = about(COMMENT, 'relation "s.n2" does not exist')
    const owner = about(FUNCTION, 'function s.n1() does not exist')
    const again = about(VIEW, 'relation "s.n2" does not exist')
    expect(judge([RIGHTS, owner, view, again, comment])).toEqual({
      refused: [RIGHTS],
      consequences: [view, comment],
    })
  })

  it('is a consequence where something was left out on purpose', () => {
    const server = about(SERVER, 'foreign-data wrapper "n5" does not exist')
    expect(judge([server], [5])).toEqual({ refused: [], consequences: [server] })
  })

  it('is a consequence where a body misses what nobody said that it needs', () => {
    const body = about(TABLE, 'function s.n1() does not exist')
    expect(judge([RIGHTS, body]).consequences).toEqual([body])
    expect(() => judge([body], [5])).toThrow(/pg_restore failed: function s\.n1\(\) does not exist/)
  })

  it('is damage where it is about anything else, though rights were refused too', () => {
    expect(() => judge([RIGHTS, about(TABLE, 'invalid input')])).toThrow(
      expect.objectContaining({
        code: 'damaged',
        message: expect.stringMatching(/invalid input \(table s\.n4\)/),
      }),
    )
  })

  it("is the machine's fault before all else", () => {
    expect(() => judge([about(TABLE, 'could not extend file: No space left on device')])).toThrow(
      expect.objectContaining({ code: 'platform' }),
    )
  })
})
