import { describe, expect, it } from '@jest/globals'
import { parseToc, planRestore, renderList } from '../../../src/postgres/archive-toc.ts'

const LISTING = `;
; Archive created at 2026-11-22 02:15:00 UTC
;     TOC Entries: 9
;
3; 3079 16389 EXTENSION - citext 
4; 0 0 COMMENT - EXTENSION citext 
6; 2615 17000 SCHEMA - shop shop_owner
200; 1259 17001 TABLE shop orders Shop "night" team
300; 0 17001 TABLE DATA shop orders shop_owner
400; 0 17050 MATERIALIZED VIEW DATA shop revenue shop_owner
500; 0 0 ACL shop TABLE orders shop_owner
600; 6104 17060 PUBLICATION - feed postgres
601; 0 0 COMMENT - PUBLICATION feed postgres
700; 3466 17070 EVENT TRIGGER - watch postgres
`

describe('the table of contents of an archive', () => {
  it('is sorted into steps, and what only a superuser may create is counted', () => {
    const { steps, leftOut } = planRestore(parseToc(LISTING), { acl: true })
    const ids = Object.fromEntries(
      Object.entries(steps).map(([step, entries]) => [step, entries.map(({ id }) => id)]),
    )
    expect(ids).toEqual({ schemas: [6], extensions: [3], main: [200, 300], acl: [500], views: [400] })
    expect(leftOut.map(({ class: kind, count }) => [kind, count])).toEqual([
      ['COMMENT', 1],
      ['PUBLICATION', 1],
      ['COMMENT', 1],
      ['EVENT TRIGGER', 1],
    ])
    expect(renderList(steps.main)).toBe('200;\n300;\n')
  })

  it('leaves grants out where the roles are not ours', () => {
    expect(planRestore(parseToc(LISTING), { acl: false }).steps.acl).toEqual([])
  })

  it('refuses what is none', () => {
    expect(() => parseToc('pg_restore: error')).toThrow(/no table of contents/)
  })
})
