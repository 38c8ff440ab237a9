import { describe, expect, it } from '@jest/globals'
import { segmentsOf } from '../../../src/pipeline/segments.ts'
import type { Head, Stage, TransformStage } from '../../../src/pipeline/stage.ts'
import { bytesOf, program } from './support/stages.ts'

const transform: TransformStage = { kind: 'transform', label: 'age', transform: (input) => input }
const count: Stage = { kind: 'count', label: 'plain', report: () => undefined }
const plan = (head: Head, ...stages: Stage[]): string[] =>
  segmentsOf(head, stages).map((segment) =>
    segment.kind === 'chain' ? segment.links.map(({ process }) => process.command).join('|') : segment.label,
  )

describe('the segments of a flow', () => {
  it('are one chain for neighbouring processes, with dd where they are counted in between', () => {
    expect(plan(program('pg_dump'), count, program('xz'), transform)).toEqual(['pg_dump|dd|xz', 'age'])
    expect(plan(program('pg_dump'), count, count, program('xz'))).toEqual(['pg_dump|dd|dd|xz'])
  })

  it('count in node where the bytes are in node anyway', () => {
    expect(plan(program('pg_dump'), count, transform)).toEqual(['pg_dump', 'plain', 'age'])
    expect(plan(program('pg_dump'), count)).toEqual(['pg_dump', 'plain'])
    expect(plan(bytesOf('x'), count, program('xz'))).toEqual(['bytes', 'plain', 'xz'])
  })

  it('are two chains with node in between', () => {
    expect(plan(program('a'), program('b'), transform, program('c'), program('d'))).toEqual([
      'a|b',
      'age',
      'c|d',
    ])
  })
})
