import { describe, expect, it } from '@jest/globals'
import { catalog } from '../../../src/catalog/listing.ts'
import { readRecords } from '../../../src/commands/check-records.ts'
import { LifeboatError } from '../../../src/errors.ts'
import { plantedObjects, type Planted } from '../../support/planted-backups.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-24T08:00:00Z')
const at = (days: number): Date => new Date(NOW - days * DAY)

/** A store in memory, with these backups of `app`. */
async function planted(backups: readonly Pick<Planted, 'time' | 'verified'>[]) {
  const objects = (
    await Promise.all(backups.map((each) => plantedObjects('db/', { name: 'app', recipients: [], ...each })))
  ).flat()
  const reads: string[] = []
  const store = {
    async *read(key: string): AsyncGenerator<Uint8Array> {
      reads.push(key)
      const found = objects.find((each) => each.key === key)
      if (!found) throw new LifeboatError('store-missing', `There is no ${key}.`)
      yield await Promise.resolve(found.content)
    },
  }
  const listed = objects.map(({ key, content, time }) => ({ key, size: content.length, lastModified: time }))
  return { store, reads, backups: catalog(listed, 'db/').names[0]?.backups ?? [] }
}

const around = { signal: new AbortController().signal, manifests: new Map<string, string>() }

describe('readRecords', () => {
  it('counts what is of the manifest beside it, and names what is not', async () => {
    const { store, backups } = await planted([
      { time: at(1), verified: [{ verdict: 'ok', at: at(0.5), foreign: true }] },
      { time: at(2), verified: [{ verdict: 'ok', at: at(1.5) }] },
    ])
    const { restores, foreign } = await readRecords('db/app/', backups, 10, { ...around, store })
    expect(restores.map(({ id }) => id)).toEqual([backups[1]?.id])
    expect(foreign).toEqual([
      {
        id: backups[0]?.id,
        file: expect.stringMatching(/-ok\.json$/),
        what: 'is a record of another manifest',
      },
    ])
  })

  it('reads the proof of the newest backups, however many newer records there are of older ones', async () => {
    const many = Array.from({ length: 5 }, (_, index) => ({
      verdict: 'partial' as const,
      at: at(0.1 + index / 100),
    }))
    const { store, backups } = await planted([
      { time: at(1), verified: [{ verdict: 'ok', at: at(0.9), foreign: true }] },
      { time: at(2), verified: many },
    ])
    const { foreign } = await readRecords('db/app/', backups, 2, { ...around, store })
    expect(foreign).toHaveLength(1)
  })

  it('reads each manifest once at most', async () => {
    const verified = [0.1, 0.2, 0.3].map((days) => ({ verdict: 'ok' as const, at: at(days) }))
    const { store, reads, backups } = await planted([{ time: at(1), verified }])
    await readRecords('db/app/', backups, 10, { ...around, store })
    expect(reads.filter((key) => key.endsWith('manifest.json'))).toHaveLength(1)
  })
})
