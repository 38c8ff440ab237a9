import { describe, expect, it } from '@jest/globals'
import { forDatabase, parseGlobals } from '../../../src/postgres/globals-statements.ts'

const read = (text: string): ReturnType<typeof parseGlobals> => parseGlobals(Buffer.from(text))

describe('the globals of a backup', () => {
  it('are read by kind, whatever names and constants hold', () => {
    const text = [
      `DO 'BEGIN CREATE ROLE "Shop ""night"" team" WITH NOSUPERUSER LOGIN VALID UNTIL ''2038-01-01 00:00:00+00''; EXCEPTION WHEN duplicate_object THEN NULL; END';`,
      `COMMENT ON ROLE "a" IS 'two\nlines; DROP DATABASE x;';`,
      `GRANT "a" TO "b" WITH ADMIN OPTION, INHERIT TRUE;`,
      `ALTER DATABASE "sh""op" OWNER TO "a";`,
      `ALTER DATABASE "sh""op" SET "search_path" TO 'shop', 'public';`,
      `ALTER DATABASE "sh""op" SET "shop"."currency" TO E'CHF \\\\ it''s';`,
      `ALTER ROLE "a" SET "work_mem" TO '64MB';`,
      `ALTER ROLE "a" IN DATABASE "sh""op" SET "work_mem" TO '64MB';`,
      `REVOKE ALL ON DATABASE "sh""op" FROM PUBLIC;`,
      `GRANT CONNECT ON DATABASE "sh""op" TO "a" WITH GRANT OPTION;`,
    ].join('\n')
    const statements = read(`${text}\n`)
    expect(statements.map(({ kind }) => kind)).toEqual([
      'create-role',
      'comment-role',
      'membership',
      'database',
      'database',
      'database',
      'role-setting',
      'database',
      'database',
      'database',
    ])
    expect(statements[0]).toMatchObject({ role: 'Shop "night" team' })
    const [, , , owner] = statements
    expect(owner?.kind === 'database' ? forDatabase(owner, 'copy') : '').toBe(
      'ALTER DATABASE "copy" OWNER TO "a"',
    )
  })

  it.each([
    'DROP DATABASE "shop";',
    `COPY (SELECT 1) TO PROGRAM 'id';`,
    `GRANT "a" TO "b"; DROP TABLE x;`,
    // A backslash ends no constant without an E, unless the server says so.
    `COMMENT ON ROLE "a" IS 'x\\'; DROP TABLE y; --';`,
    `DO 'BEGIN CREATE ROLE "x" WITH LOGIN VALID UNTIL ''now''; DROP TABLE y; --''; EXCEPTION WHEN duplicate_object THEN NULL; END';`,
    `ALTER ROLE "a" SUPERUSER;`,
    `ALTER DATABASE "a" SET "x" TO 'y'; SELECT pg_sleep(1) --';`,
    `DO 'BEGIN CREATE ROLE "x" WITH LOGIN; PERFORM pg_sleep(1); EXCEPTION WHEN duplicate_object THEN NULL; END';`,
    `DO 'BEGIN CREATE ROLE "x" WITH LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END' LANGUAGE plpython3u;`,
  ])('hold nothing else: %s', (statement) => {
    const sound = 'COMMENT ON ROLE "a" IS \'x\';'
    // A constant that does not end takes with it what follows.
    const [before, kind] = read(`${sound}\n${statement}\n${sound}`).map((each) => each.kind)
    expect([before, kind]).toEqual(['comment-role', 'unread'])
  })
})
