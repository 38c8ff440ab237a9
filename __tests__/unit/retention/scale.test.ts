import { resolve } from 'node:path'
import { expect, it } from '@jest/globals'
import { node24 } from '../../support/node24.ts'
import { runProgram } from '../../support/run-program.ts'

interface Measured {
  readonly milliseconds: number
  readonly peakBytes: number
  readonly backups: number
  readonly removed: number
}

it('plans a catalog of 100,000 backups in under 2 seconds and 256 MB', async () => {
  const program = resolve(import.meta.dirname, '../../support/large-catalog.ts')
  // On a busy machine the collector is late and takes what memory there is; a heap of 96 MB keeps it to what is needed.
  const answer = await runProgram(node24(), [
    '--max-old-space-size=96',
    '--max-semi-space-size=8',
    program,
    '100000',
  ])
  const { milliseconds, peakBytes, backups, removed } = JSON.parse(answer) as Measured
  expect(backups).toBe(100_000)
  expect(removed).toBeGreaterThan(99_000)
  expect(milliseconds).toBeLessThan(2_000)
  expect(peakBytes).toBeLessThan(256_000_000)
})
