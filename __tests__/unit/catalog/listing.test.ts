import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { catalog, committedBackups, type ListedObject } from '../../../src/catalog/listing.ts'
import { listing } from '../../support/catalog-listing.ts'

const TIME = new Date('2026-11-22T02:15:00Z')
const at = (key: string, size = 10, lastModified = TIME): ListedObject => ({ key, size, lastModified })
const FOLDER = 'db/app/20261122T021500Z-000000/'

describe('The catalog of a listing', () => {
  it('tells backups from attempts, adds bytes up and knows the last activity', () => {
    const later = new Date(TIME.getTime() + 5_000)
    const objects = [
      at(`${FOLDER}app.dump.xz.age`, 1000),
      at(`${FOLDER}app.globals.sql.xz.age`, 20),
      at(`${FOLDER}manifest.json`, 3, later),
      at('db/app/20261123T021500Z-0000aa/app.dump.xz.age', 7),
    ]
    const { names, foreign } = catalog(objects, 'db/')
    expect(foreign).toBe(0)
    expect(names.map(({ name }) => name)).toEqual(['app'])
    expect(names[0]?.backups).toEqual([
      {
        name: 'app',
        id: '20261122T021500Z-000000',
        time: TIME,
        committed: true,
        verification: 'none',
        recorded: false,
        removing: false,
        bytes: 1023,
        lastActivity: later,
        files: ['app.dump.xz.age', 'app.globals.sql.xz.age', 'manifest.json'],
        foreign: 0,
      },
    ])
    expect(names[0]?.attempts).toMatchObject([{ id: '20261123T021500Z-0000aa', committed: false, bytes: 7 }])
  })

  it.each([
    [[], 'none', false],
    [['partial'], 'none', true],
    [['ok'], 'ok', true],
    [['ok', 'partial'], 'ok', true],
    [['failed', 'partial'], 'failed', true],
    [['ok', 'failed'], 'failed', true],
    [['failed', 'ok', 'partial', 'partial'], 'ok', true],
  ] as const)('lets the latest ok or failed of %j decide: %s', (verdicts, verification, recorded) => {
    const [app] = catalog(listing('db/', [{ time: TIME, verdicts }]), 'db/').names
    expect(app?.backups).toMatchObject([{ verification, recorded }])
  })

  it('believes the bad one of two records of the same second, whichever is listed first', () => {
    const objects = [
      at(`${FOLDER}manifest.json`),
      at(`${FOLDER}verified-20261122T030000Z-failed.json`),
      at(`${FOLDER}verified-20261122T030000Z-ok.json`),
    ]
    for (const order of [objects, objects.toReversed()]) {
      expect(catalog(order, 'db/').names[0]?.backups[0]?.verification).toBe('failed')
    }
  })

  it('leaves alone whatever is not called like something of the catalog', () => {
    const foreign = [
      'db/README.md',
      'db/app/README.md',
      'db/app/20261122T021500Z-000000',
      'db/app/20261122T021500Z-00000/manifest.json',
      'db/app/20261322T021500Z-000000/manifest.json',
      'db/app/latest/manifest.json',
      `${FOLDER}deeper/manifest.json`,
      `${FOLDER}notes.txt`,
      `${FOLDER}manifest.json.bak`,
      `${FOLDER}verified-20261122T030000Z-great.json`,
      `${FOLDER}app_staging.dump`,
      FOLDER,
      'db/a b/20261122T021500Z-000000/manifest.json',
      'db/%61pp/20261122T021500Z-000000/manifest.json',
      'db//20261122T021500Z-000000/manifest.json',
      'other/app/20261122T021500Z-000000/manifest.json',
    ]
    const found = catalog([...foreign.map((key) => at(key)), at('db/_lifeboat/audit/x.json')], 'db/')
    expect(found.names.flatMap(({ backups, attempts }) => [...backups, ...attempts])).toEqual([])
    expect(found.foreign).toBe(foreign.length)
  })

  it('finds the records of the audit trail, and nothing that stands beside them', () => {
    const record = 'db/_lifeboat/audit/2026/11/20261122T021641Z-backup-success-1a2b3c.json'
    const beside = [
      'db/_lifeboat/audit/x.json',
      record.replace('/11/', '/10/'),
      record.replace('db/', 'other/'),
    ]
    expect(
      catalog(
        [record, ...beside].map((key) => at(key)),
        'db/',
      ).trail,
    ).toEqual([{ key: record, time: new Date('2026-11-22T02:16:41Z'), command: 'backup', result: 'success' }])
  })

  it('never mixes neighbours whose names begin alike', () => {
    const names = ['app', 'app_staging', 'ap', 'app.x', 'a/../b', '_own', 'App']
    const sketches = names.map((name, index) => ({ name, time: new Date(TIME.getTime() + index * 1000) }))
    const found = catalog(listing('db/', sketches), 'db/').names
    expect(found.map(({ name }) => name)).toEqual(names.toSorted())
    for (const { backups } of found) expect(backups).toHaveLength(1)
  })

  it('gives the same whatever order the listing comes in', () => {
    const objects = listing(
      'db/',
      [0, 1, 2, 3].map((day) => ({
        name: day % 2 === 0 ? 'app' : 'crm',
        time: new Date(TIME.getTime() + day * 86_400_000),
        verdicts: ['failed', 'ok'] as const,
      })),
    )
    const expected = catalog(objects, 'db/')
    const sorted = (files: readonly string[]) => files.toSorted()
    const normal = (value: typeof expected) =>
      value.names.map(({ backups }) => backups.map((backup) => ({ ...backup, files: sorted(backup.files) })))
    fc.assert(
      fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (shuffled) => {
        expect(normal(catalog(shuffled, 'db/'))).toEqual(normal(expected))
      }),
    )
  })

  it('lists the committed backups of one name, newest first', () => {
    const sketches = [1, 3, 2].map((day) => ({
      time: new Date(Date.UTC(2026, 10, day)),
      committed: day !== 2,
    }))
    const keys = listing('db/', sketches).map(({ key }) => key)
    expect(committedBackups(keys, { prefix: 'db/', name: 'app' })).toEqual([
      '20261103T000000Z-000001',
      '20261101T000000Z-000000',
    ])
  })
})
