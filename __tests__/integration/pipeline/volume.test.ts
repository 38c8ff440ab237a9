import { fileURLToPath } from 'node:url'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { describe, expect, it } from '@jest/globals'
import { flow } from '../../../src/pipeline/flow.ts'
import { childEnvironment, run } from '../../../src/pipeline/process.ts'
import { seal } from '../../../src/pipeline/seal.ts'
import { program } from '../../unit/pipeline/support/stages.ts'

const signal = new AbortController().signal
const MINUTES = 60_000
const options = { signal, stallMs: 60_000 }

describe('a gigabyte', () => {
  it(
    'through processes joined by dd arrives whole and counted exactly',
    async () => {
      const GIB = 2 ** 30
      // Numbers, so that a piece that is lost, doubled or exchanged shows. `head` leaves `seq` behind by design.
      const numbers = `seq 1 1000000000 | head -c ${GIB}`
      const sealed = seal()
      const counts: number[] = []
      const stages = [
        { kind: 'count', label: 'plain', report: (bytes: number) => counts.push(bytes) },
        program('cat'),
        sealed.stage,
      ] as const
      let bytes = 0
      for await (const chunk of flow(program('sh', '-c', numbers), stages, options)) bytes += chunk.length
      expect(bytes).toBe(GIB)
      expect(counts.at(-1)).toBe(GIB)
      const direct = await run('sh', ['-c', `${numbers} | sha256sum`], {
        env: childEnvironment(),
        timeoutMs: 1.5 * MINUTES,
        signal,
      })
      expect(sealed.result()).toEqual({ bytes: GIB, sha256: direct.slice(0, 64) })
    },
    4 * MINUTES,
  )
})

describe('memory', () => {
  it(
    'does not grow with the two gigabytes that are encrypted',
    async () => {
      const recipient = await identityToRecipient(await generateX25519Identity())
      const script = fileURLToPath(new URL('encrypt-volume.ts', import.meta.url))
      const report = await run(process.execPath, [script, recipient, String(2 ** 31)], {
        env: childEnvironment(),
        timeoutMs: 3 * MINUTES,
        signal,
      })
      const { bytes, peakRss } = JSON.parse(report) as Record<string, number>
      expect(bytes).toBeGreaterThan(2 ** 31)
      // A fifth of what passes: nobody keeps it. How flat it is, the benchmark tells on a quiet machine.
      expect(peakRss).toBeLessThan(450e6)
    },
    4 * MINUTES,
  )
})
