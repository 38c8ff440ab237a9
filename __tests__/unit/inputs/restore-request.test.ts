import { describe, expect, it } from '@jest/globals'
import { readRequest } from '../../../src/inputs.ts'
import { inputVariable } from '../../../src/inputs/given.ts'

const inputs = (more: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries({
      command: 'restore',
      bucket: 'file:///srv/backups',
      'target-database-url': 'postgresql://u:a-long-password@h/shop',
      confirm: 'shop',
      ...more,
    }).map(([name, value]) => [inputVariable(name), value]),
  )
const read = (more?: Record<string, string>) => readRequest(inputs(more), 'linux')

describe('a request to restore', () => {
  it('is the newest backup into the confirmed database', () => {
    expect(read()).toMatchObject({
      command: 'restore',
      prefix: 'db/',
      what: { kind: 'backup', choice: { name: undefined, id: undefined, before: undefined } },
      target: { database: 'shop' },
      only: [],
      clean: false,
      identities: [],
    })
  })

  it('is a backup by its id or its time, or an archive by its key', () => {
    const id = '20261122T021500Z-1a2b3c'
    expect(read({ 'backup-id': id, name: 'crm' })).toMatchObject({ what: { choice: { id, name: 'crm' } } })
    const before = new Date('2026-11-22T00:00:00Z')
    for (const text of ['2026-11-22', '2026-11-22T00:00:00Z', '2026-11-22 01:00+01:00'])
      expect(read({ before: text })).toMatchObject({ what: { choice: { before } } })
    expect(read({ key: 'db/app.dump.age' })).toMatchObject({ what: { kind: 'key', key: 'db/app.dump.age' } })
  })

  it('is restored in part, or in the place of what is there', () => {
    expect(read({ only: 'public.orders, shop.*\ncrm.people' })).toMatchObject({
      only: ['public.orders', 'shop.*', 'crm.people'],
    })
    expect(read({ clean: 'true' })).toMatchObject({ clean: true })
  })

  it.each([
    [{ confirm: '' }, /confirm: is missing.*"shop"/],
    [{ confirm: 'Shop' }, /confirm: is "Shop".*"shop"/],
    [{ 'target-database-url': '' }, /target-database-url: is missing/],
    [{ 'backup-id': 'newest' }, /backup-id: is no id/],
    [{ before: '22.11.2026' }, /before: is no time/],
    [{ before: '2026-11-22T02:15:00' }, /before: is no time/],
    [{ before: '2026-11-22', 'backup-id': '20261122T021500Z-1a2b3c' }, /before: contradicts backup-id/],
    [{ key: 'x', name: 'shop' }, /name: contradicts key/],
    [{ clean: 'yes' }, /clean: "yes" is neither/],
    [{ clean: 'true', only: 'a' }, /only: contradicts clean/],
    [{ only: ', ' }, /only: names nothing/],
    [{ 'age-identities': 'age1abc' }, /age-identities: entry 1 is a recipient/],
  ])('names what is wrong: %j', (more, message) => {
    expect(() => read(more)).toThrow(message)
  })

  it('takes no database to write into from the environment', () => {
    const env = { ...inputs({ 'target-database-url': '' }), DATABASE_URL: 'postgresql://u@h/shop' }
    expect(() => readRequest(env, 'linux')).toThrow(/target-database-url: is missing/)
  })
})
