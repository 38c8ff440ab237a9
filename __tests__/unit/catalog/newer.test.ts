import { beforeAll, describe, expect, it } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { chooseBackup } from '../../../src/catalog/choose.ts'
import { catalog, committedBackups } from '../../../src/catalog/listing.ts'
import { parseManifest } from '../../../src/catalog/manifest.ts'
import { manifestFormat } from '../../../src/catalog/names.ts'
import { isLater } from '../../../src/catalog/newer.ts'
import { VERSION } from '../../../src/version.ts'
import { listing } from '../../support/catalog-listing.ts'

const FOLDER = resolve(import.meta.dirname, '../../fixtures/format-1/store/db/shop/20261125T230448Z-bdafab')
const KEY = 'db/shop/manifest.json'
const LATER = '999.0.0'

describe('a manifest of format 1', () => {
  let manifest: Record<string, unknown> & { artifacts: Record<string, unknown>[] }
  beforeAll(async () => {
    manifest = JSON.parse(await readFile(join(FOLDER, 'manifest.json'), 'utf8')) as typeof manifest
  })
  const parse = (change: object) =>
    parseManifest(Buffer.from(JSON.stringify({ ...manifest, ...change })), KEY)

  const unknown = (): [string, object][] => [
    ['the source bucket', { source: 'bucket' }],
    ['the method incremental', { method: 'incremental' }],
    [
      'an artifact with the role index',
      { artifacts: [...manifest.artifacts, { ...manifest.artifacts[0], role: 'index' }] },
    ],
  ]

  it('is newer where a later Lifeboat wrote a source, a method or a role that is not known', () => {
    for (const [words, change] of unknown()) {
      const reading = () => parse({ ...change, lifeboat: LATER })
      expect(reading).toThrow(expect.objectContaining({ code: 'newer' }))
      expect(reading).toThrow(`has ${words}, which this version, ${VERSION}, does not know`)
    }
  })

  it.each([VERSION, '0.0.1', 'not a version', ''])('is damaged where %j wrote the same', (lifeboat) => {
    for (const [, change] of unknown()) {
      expect(() => parse({ ...change, lifeboat })).toThrow(expect.objectContaining({ code: 'damaged' }))
    }
  })

  it.each([VERSION, LATER])('is read where %s wrote one more field', (lifeboat) => {
    expect(parse({ lifeboat, weather: 'fine' })).toMatchObject({ id: manifest['id'], lifeboat })
  })

  it('is newer where its number is, whoever wrote it', () => {
    expect(() => parse({ format: 2 })).toThrow(expect.objectContaining({ code: 'newer' }))
  })

  it('is damaged where a later Lifeboat wrote it and something that is known is wrong', () => {
    expect(() => parse({ lifeboat: LATER, id: 'x' })).toThrow(expect.objectContaining({ code: 'damaged' }))
  })
})

describe('the name of a manifest', () => {
  it.each([
    ['manifest.json', 1],
    ['manifest-2.json', 2],
    ['manifest-17.json', 17],
    ['manifest-1.json', undefined],
    ['manifest-02.json', undefined],
    ['manifest-.json', undefined],
    ['manifest-2.json.sig', undefined],
    ['xmanifest-2.json', undefined],
  ])('%s tells the format %s', (file, format) => {
    expect(manifestFormat(file)).toBe(format)
  })
})

describe('a version', () => {
  it.each([
    ['0.2.0', '0.1.9', true],
    ['0.10.0', '0.9.0', true],
    ['1.0.0', '0.99.99', true],
    ['0.1.0', '0.1.0', false],
    ['0.1.0', '0.2.0', false],
    ['v2', '0.1.0', false],
  ])('%s is later than %s: %s', (version, ours, later) => {
    expect(isLater(version, ours)).toBe(later)
  })
})

describe('a listing with backups of a later format', () => {
  const at = (day: number): Date => new Date(Date.UTC(2026, 10, day))
  const sketches = [{ time: at(1) }, { time: at(2), format: 2 }, { time: at(3), format: 3, removing: true }]
  const objects = listing('db/', sketches)
  const listed = catalog(objects, 'db/')

  it('has them apart from backups and attempts', () => {
    expect(listed.names).toMatchObject([
      {
        backups: [{ time: at(1) }],
        attempts: [],
        newer: [
          { time: at(3), format: 3 },
          { time: at(2), format: 2 },
        ],
      },
    ])
    expect(
      committedBackups(
        objects.map(({ key }) => key),
        { prefix: 'db/', name: 'app' },
      ),
    ).toHaveLength(1)
  })

  it('takes a folder for newer that has a manifest of both formats', () => {
    const [both] = listing('db/', [{ time: at(4) }])
    const key = (both?.key ?? '').replace(/[^/]+$/, 'manifest-2.json')
    const objects = [...listing('db/', [{ time: at(4) }]), { key, size: 1, lastModified: at(4) }]
    expect(catalog(objects, 'db/').names[0]).toMatchObject({ backups: [], newer: [{ format: 2 }] })
    expect(
      committedBackups(
        objects.map((each) => each.key),
        { prefix: 'db/', name: 'app' },
      ),
    ).toEqual([])
  })

  const choose = (choice: { id?: string; before?: Date }) => () =>
    chooseBackup(listed, { name: undefined, id: undefined, before: undefined, ...choice })

  it('gives none in the place of the newest, and names the newest that can be read', () => {
    expect(choose({})).toThrow(expect.objectContaining({ code: 'newer' }))
    expect(choose({})).toThrow(/20261103T000000Z-000002 of "app" has format 3; this version knows 1/)
    expect(choose({})).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('backup-id: 20261101T000000Z-000000') }),
    )
    expect(choose({ before: at(3) })).toThrow(/20261102T000000Z-000001 of "app" has format 2/)
  })

  it('gives one that can be read to who names it, or an older time', () => {
    expect(choose({ id: '20261101T000000Z-000000' })().time).toEqual(at(1))
    expect(choose({ before: at(2) })().time).toEqual(at(1))
    expect(choose({ id: '20261102T000000Z-000001' })).toThrow(expect.objectContaining({ code: 'newer' }))
  })
})
