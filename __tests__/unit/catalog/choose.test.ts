import { describe, expect, it } from '@jest/globals'
import { chooseBackup } from '../../../src/catalog/choose.ts'
import { catalog } from '../../../src/catalog/listing.ts'
import { listing } from '../../support/catalog-listing.ts'

const at = (day: number): Date => new Date(Date.UTC(2026, 10, day))
const one = catalog(
  listing('db/', [{ time: at(1) }, { time: at(2) }, { time: at(3), committed: false }]),
  'db/',
)
const anyone = { name: undefined, id: undefined, before: undefined }

describe('the backup that is meant', () => {
  it('is the newest committed one', () => {
    expect(chooseBackup(one, anyone).time).toEqual(at(2))
  })

  it('is the newest before a time', () => {
    expect(chooseBackup(one, { ...anyone, before: at(2) }).time).toEqual(at(1))
    expect(() => chooseBackup(one, { ...anyone, before: at(1) })).toThrow(/older than/)
  })

  it('is the one with the id, and never an attempt', () => {
    expect(chooseBackup(one, { ...anyone, id: '20261101T000000Z-000000' }).time).toEqual(at(1))
    expect(() => chooseBackup(one, { ...anyone, id: '20261103T000000Z-000002' })).toThrow(/no manifest/)
  })

  it('has to be named where there are several names', () => {
    const two = catalog(listing('db/', [{ time: at(1) }, { name: 'crm', time: at(2) }]), 'db/')
    expect(() => chooseBackup(two, anyone)).toThrow(/several names: app, crm/)
    expect(chooseBackup(two, { ...anyone, name: 'app' }).time).toEqual(at(1))
  })
})
