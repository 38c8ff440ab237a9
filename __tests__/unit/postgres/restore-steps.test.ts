import { describe, expect, it } from '@jest/globals'
import { planSteps, sectionsOf } from '../../../src/postgres/restore-steps.ts'
import type { TocEntry } from '../../../src/postgres/table-of-contents.ts'

const entry = (
  id: number,
  kind: string,
  name: string,
  { schema = '', section = 'none', needs = [] }: Partial<TocEntry> = {},
): TocEntry => ({ id, kind, name, schema, section, needs, owner: '', definition: '' })

const ENTRIES = [
  entry(3, 'EXTENSION', 'citext'),
  entry(4, 'COMMENT', 'EXTENSION citext', { needs: [3] }),
  entry(6, 'SCHEMA', 'shop'),
  entry(200, 'TABLE', 'orders', { schema: 'shop', section: 'pre-data' }),
  entry(201, 'COMMENT', 'TABLE EXTENSION orders', { schema: 'shop', needs: [200] }),
  entry(300, 'TABLE DATA', 'orders', { schema: 'shop', section: 'data' }),
  entry(350, 'INDEX', 'orders_open', { schema: 'shop', section: 'post-data' }),
  entry(351, 'COMMENT', 'INDEX orders_open', { schema: 'shop', needs: [350] }),
  entry(400, 'MATERIALIZED VIEW DATA', 'revenue', { schema: 'shop', section: 'post-data' }),
  entry(500, 'ACL', 'TABLE orders', { schema: 'shop' }),
  entry(600, 'PUBLICATION', 'feed'),
  entry(601, 'COMMENT', 'PUBLICATION feed'),
  entry(700, 'EVENT TRIGGER', 'watch'),
]

describe('the entries of an archive', () => {
  it('are sorted into steps, and what only a superuser may create is left out', () => {
    const { steps, leftOut } = planSteps(ENTRIES, { acl: true })
    const ids = Object.fromEntries(
      Object.entries(steps).map(([step, entries]) => [step, entries.map(({ id }) => id)]),
    )
    expect(ids).toEqual({
      schemas: [6],
      extensions: [3],
      main: [200, 201, 300, 350, 351],
      acl: [500],
      views: [400],
    })
    expect(leftOut.map(({ entry: { id } }) => id)).toEqual([4, 600, 601, 700])
  })

  it('come without grants where the roles are not ours', () => {
    expect(planSteps(ENTRIES, { acl: false }).steps.acl).toEqual([])
  })

  it('have a section, comments that of what they are about', () => {
    const sections = sectionsOf(ENTRIES)
    expect([201, 300, 350, 351].map((id) => sections.get(id))).toEqual([
      'pre-data',
      'data',
      'post-data',
      'post-data',
    ])
  })
})
