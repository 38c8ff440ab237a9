import { describe, expect, it } from '@jest/globals'
import { countInNode, countOf } from '../../../src/pipeline/count.ts'
import { through } from './support/stages.ts'

describe('the count in what dd prints', () => {
  const cases: [string, string, number | undefined][] = [
    [
      'GNU',
      '2+1 records in\n2+1 records out\n262145 bytes (262 kB, 256 KiB) copied, 0.1 s, 2.6 MB/s',
      262_145,
    ],
    ['GNU, little', '0+1 records in\n0+1 records out\n5 bytes copied, 0.0001 s, 50 kB/s', 5],
    ['GNU, one', '0+1 records in\n0+1 records out\n1 byte copied, 0.0001 s, 10 kB/s', 1],
    [
      'BSD',
      '2+0 records in\n2+0 records out\n262144 bytes transferred in 0.000123 secs (213 bytes/sec)',
      262_144,
    ],
    [
      'busybox',
      '2+0 records in\n2+0 records out\n262144 bytes (256.0KB) copied, 0.01 seconds, 25MB/s',
      262_144,
    ],
    [
      'one that printed twice',
      '10 bytes transferred in 1 secs (1 b/s)\n20 bytes transferred in 2 secs (1 b/s)',
      20,
    ],
    ['one that failed', "dd: error writing 'standard output': Broken pipe", undefined],
  ]
  for (const [who, text, bytes] of cases) it(`is read from ${who}`, () => expect(countOf(text)).toBe(bytes))
})

describe('counting in node', () => {
  it('reports a few times a second and exactly at the end', async () => {
    const counts: number[] = []
    let time = 0
    const stage = countInNode(
      { kind: 'count', label: 'plain', report: (bytes) => counts.push(bytes) },
      () => (time += 100),
    )
    await through(stage, ...Array.from({ length: 10 }, () => Buffer.alloc(7)))
    expect(counts.at(-1)).toBe(70)
    expect(counts.length).toBeGreaterThan(1)
    expect(counts.length).toBeLessThan(6)
  })
})
