import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { phasesOf, planSteps, sectionsOf, wantedExtension } from '../../../src/postgres/restore-steps.ts'
import type { TocEntry } from '../../../src/postgres/table-of-contents.ts'

const entry = (
  id: number,
  kind: string,
  name: string,
  { schema = '', section = 'none', needs = [], definition = '' }: Partial<TocEntry> = {},
): TocEntry => ({ id, kind, name, schema, section, needs, owner: '', definition })

const ENTRIES = [
  entry(3, 'EXTENSION', 'citext', {
    definition: 'CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA "the tools";\n\n\n',
  }),
  entry(5, 'SCHEMA', 'the tools'),
  entry(4, 'COMMENT', 'EXTENSION citext', { needs: [3] }),
  entry(6, 'SCHEMA', 'shop'),
  entry(200, 'TABLE', 'orders', { schema: 'shop', section: 'pre-data' }),
  entry(201, 'COMMENT', 'TABLE EXTENSION orders', { schema: 'shop', needs: [200] }),
  entry(300, 'TABLE DATA', 'orders', { schema: 'shop', section: 'data' }),
  entry(350, 'INDEX', 'orders_open', { schema: 'shop', section: 'post-data' }),
  entry(351, 'COMMENT', 'INDEX orders_open', { schema: 'shop', needs: [350] }),
  entry(360, 'FK CONSTRAINT', 'orders orders_customer_fkey', { schema: 'shop', section: 'post-data' }),
  entry(361, 'COMMENT', 'CONSTRAINT orders_customer_fkey', { schema: 'shop', needs: [360] }),
  entry(400, 'MATERIALIZED VIEW DATA', 'revenue', { schema: 'shop', section: 'post-data' }),
  entry(500, 'ACL', 'TABLE orders', { schema: 'shop' }),
  entry(600, 'PUBLICATION', 'feed'),
  entry(601, 'COMMENT', 'PUBLICATION feed'),
  entry(700, 'EVENT TRIGGER', 'watch'),
  entry(701, 'COMMENT', 'EVENT TRIGGER watch', { needs: [700] }),
]

describe('the entries of an archive', () => {
  it('are sorted into steps, and what only a superuser may create is left out', () => {
    const { steps, leftOut } = planSteps(ENTRIES, { acl: true })
    const ids = Object.fromEntries(
      Object.entries(steps).map(([step, entries]) => [step, entries.map(({ id }) => id)]),
    )
    expect(ids).toEqual({
      schemas: [5],
      extensions: [3],
      main: [6, 200, 201, 300, 350, 351],
      guards: [360, 361],
      acl: [500],
      views: [400],
    })
    expect(leftOut.map(({ entry: { id } }) => id)).toEqual([4, 600, 601, 700, 701])
  })

  it('want extensions by name, and never in words of their own', () => {
    const wanted = (definition: string): ReturnType<typeof wantedExtension> =>
      wantedExtension(entry(3, 'EXTENSION', 'x', { definition }))
    expect(wanted('CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA "a ""b""";\n')).toEqual({
      name: 'uuid-ossp',
      schema: 'a "b"',
    })
    expect(wanted('CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public; DROP TABLE t;')).toBeUndefined()
    expect(wanted('CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public CASCADE;')).toBeUndefined()
    expect(wanted('CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;')).toBeUndefined()
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

describe('the phases of a restore', () => {
  const ORDER = ['main', 'guards', 'acl', 'views', 'event-triggers'] as const
  const WHAT_ACTS = ['FK CONSTRAINT', 'CHECK CONSTRAINT', 'TRIGGER', 'RULE', 'POLICY', 'ROW SECURITY']
  const KINDS = [
    ...[
      'SCHEMA',
      'TABLE',
      'TABLE DATA',
      'SEQUENCE SET',
      'CONSTRAINT',
      'INDEX',
      'COMMENT',
      'ACL',
      'DEFAULT ACL',
    ],
    ...['MATERIALIZED VIEW DATA', 'EVENT TRIGGER', 'STATISTICS DATA', 'PUBLICATION'],
    ...WHAT_ACTS,
  ]
  /** As pg_dump sorts them: whatever is needed comes before. */
  const archives = fc
    .array(fc.record({ kind: fc.constantFrom(...KINDS), needs: fc.array(fc.nat(30), { maxLength: 3 }) }), {
      maxLength: 30,
    })
    .map((all) =>
      all.map(({ kind, needs }, id) =>
        entry(id, kind, `n${id}`, { needs: needs.filter((each) => each < id) }),
      ),
    )

  it('give every entry a place, and none before what it needs, grants apart', () => {
    fc.assert(
      fc.property(archives, (entries) => {
        const phases = phasesOf(entries)
        const at = (id: number): number => ORDER.indexOf(phases.get(id) ?? 'main')
        for (const { id, kind, needs } of entries) {
          expect(phases.has(id)).toBe(true)
          if (kind === 'ACL' || kind === 'DEFAULT ACL') continue
          for (const need of needs)
            if (phases.get(need) !== 'acl') expect(at(id)).toBeGreaterThanOrEqual(at(need))
        }
      }),
    )
  })

  it('have rows before anything that acts upon rows', () => {
    fc.assert(
      fc.property(archives, (entries) => {
        const phases = phasesOf(entries)
        for (const { id, kind } of entries)
          if (WHAT_ACTS.includes(kind)) expect(phases.get(id)).not.toBe('main')
      }),
    )
  })
})
