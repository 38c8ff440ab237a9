import { describe, expect, it } from '@jest/globals'
import { readRequest } from '../../../src/inputs.ts'
import { inputVariable } from '../../../src/inputs/given.ts'

const read = (more: Record<string, string> = {}) => {
  const inputs = Object.entries({ command: 'restore-verify', bucket: 'file:///srv/backups', ...more })
  return readRequest(Object.fromEntries(inputs.map(([name, value]) => [inputVariable(name), value])), 'linux')
}

describe('a request to verify', () => {
  it('takes the newest backup, with the limits that are good for most', () => {
    expect(read()).toMatchObject({
      command: 'restore-verify',
      choice: { name: undefined, id: undefined, before: undefined },
      stallMs: 600_000,
      mostMemory: undefined,
    })
  })

  it('has limits of its own', () => {
    expect(read({ limits: 'stall=1m retries=0 memory=2GiB' })).toMatchObject({
      stallMs: 60_000,
      retries: 0,
      mostMemory: 2 ** 31,
    })
    expect(read({ limits: 'memory=0B' })).toMatchObject({ mostMemory: 0 })
  })

  it.each([
    ['memory=2', /limits: memory: "2" is not a size/],
    ['snapshot=6h', /limits: .*snapshot/],
  ])('names what is wrong with limits: %s', (limits, message) => {
    expect(() => read({ limits })).toThrow(message)
  })
})
