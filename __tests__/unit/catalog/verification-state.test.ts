import { describe, expect, it } from '@jest/globals'
import { verificationState } from '../../../src/catalog/verification-state.ts'

const record = (hour: number, verdict: string): string =>
  `verified-20261122T${hour.toString().padStart(2, '0')}0000Z-${verdict}.json`
const state = (...files: string[]): string => {
  const found = verificationState(['manifest.json', ...files])
  return found ? `${found.verdict} ${found.time.getUTCHours()}` : 'never'
}

describe('what the records beside a backup say', () => {
  it('is what the latest ok or failed says', () => {
    expect(state(record(3, 'ok'), record(5, 'failed'), record(4, 'ok'))).toBe('failed 5')
    expect(state(record(3, 'failed'), record(5, 'ok'))).toBe('ok 5')
    expect(state(record(3, 'ok'), record(3, 'failed'))).toBe('failed 3')
  })

  it('is partial only where there is nothing else', () => {
    expect(state(record(3, 'ok'), record(5, 'partial'))).toBe('ok 3')
    expect(state(record(3, 'partial'), record(5, 'partial'))).toBe('partial 5')
    expect(state()).toBe('never')
  })
})
