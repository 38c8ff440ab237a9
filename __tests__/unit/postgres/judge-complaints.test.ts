import { describe, expect, it } from '@jest/globals'
import { kindOf } from '../../../src/postgres/complaint-kind.ts'
import type { Complaint } from '../../../src/postgres/complaints.ts'
import { judgeComplaints } from '../../../src/postgres/judge-complaints.ts'
import { LifeboatError } from '../../../src/errors.ts'
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
  const said = `ERROR:  ${message}`
  return { entry: which, message: said, command: '', kind: kindOf(said, []) }
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
    expect(() => judge([body], [5])).toThrow(/does not restore as it is: function s\.n1\(\) does not exist/)
  })

  it('is the fault of the database where it is about anything else, though rights were refused too', () => {
    expect(() => judge([RIGHTS, about(TABLE, 'invalid input')])).toThrow(
      expect.objectContaining({
        code: 'unrestorable',
        message: expect.stringMatching(/invalid input \(table s\.n4\)/),
      }),
    )
  })

  it("is the machine's fault before all else", () => {
    expect(() => judge([about(TABLE, 'could not extend file "base/1/2": No space left on device')])).toThrow(
      expect.objectContaining({ code: 'platform' }),
    )
  })

  it('is no consequence where what is missing is nothing that was left out', () => {
    expect(() => judge([RIGHTS, about(TABLE, 'relation "elsewhere" does not exist')])).toThrow(/elsewhere/)
  })

  it('is the fault of the place where that lacks a locale, and says how it comes to have it', () => {
    const locale = about(TABLE, 'could not create locale "sv_SE.utf8": No such file or directory')
    expect(() => judge([locale])).toThrow(
      expect.objectContaining({ code: 'platform', hint: expect.stringMatching(/locale-gen sv_SE\.utf8/) }),
    )
  })

  it('is told with the statement that mends it, and without the advice to take another backup', () => {
    const hintOf = (complaint: Complaint, ...more: TocEntry[]): string => {
      try {
        judgeComplaints([complaint], [...ENTRIES, ...more], new Set())
      } catch (error) {
        return error instanceof LifeboatError ? (error.hint ?? '') : ''
      }
      return ''
    }
    const extension = {
      ...entry(7, 'EXTENSION'),
      definition: 'CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA ext;',
    }
    const plain = { ...entry(8, 'FUNCTION'), name: 'plain(text)' }
    const index = { ...entry(9, 'INDEX'), definition: 'CREATE INDEX i ON s.t (f(a));' }
    const inlined = 'function unaccent(text) does not exist\nCONTEXT:  SQL function "plain" during inlining'
    expect(hintOf(about(index, inlined), extension, plain)).toContain(
      'ALTER FUNCTION "s"."plain"(text) SET search_path = "s", "ext", "pg_catalog";',
    )
    expect(hintOf(about(index, inlined), extension)).toContain(
      'SET search_path = "ext", "pg_catalog"; CREATE INDEX i ON s.t (f(a));',
    )
    const checked = { ...entry(10, 'TABLE DATA'), name: 'audit' }
    const row = 'new row for relation "audit" violates check constraint "c"'
    expect(hintOf(about(checked, row))).toContain('ALTER TABLE "s"."audit" DROP CONSTRAINT "c";')
    expect(hintOf(about(checked, row))).toMatch(/The bytes are whole/)
    expect(hintOf(about(checked, row))).not.toMatch(/another backup/)
  })
})
