import { resolve } from 'node:path'
import { expect, it } from '@jest/globals'
import { node24 } from '../../support/node24.ts'
import { runProgram } from '../../support/run-program.ts'

interface Planned {
  readonly backups: number
  readonly removed: number
}

it('plans a catalog of 100,000 backups in a heap of 96 MB', async () => {
  const program = resolve(import.meta.dirname, '../../support/large-catalog.ts')
  // Node ends with an error where that does not suffice. How long it takes is for the benchmark to say.
  const heap = ['--max-old-space-size=96', '--max-semi-space-size=8']
  const answer = await runProgram(node24(), [...heap, program, '100000'])
  const { backups, removed } = JSON.parse(answer) as Planned
  expect(backups).toBe(100_000)
  expect(removed).toBeGreaterThan(99_000)
})
