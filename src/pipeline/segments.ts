import { countInNode, countWithDd } from './count.ts'
import type { BytesStage, CountStage, Head, ProcessStage, Stage, TransformStage } from './stage.ts'

/** A program in a chain; `count` where it is the dd of a count stage. */
export interface Link {
  readonly process: ProcessStage
  readonly count?: CountStage
}

/** A stretch of a flow that is carried out in one way. A chain's links are joined by the operating system. */
export type Segment =
  BytesStage | TransformStage | { readonly kind: 'chain'; readonly links: readonly [Link, ...Link[]] }

/** Splits a flow into its segments: neighbouring processes, counts between them included, make one chain. */
export function segmentsOf(head: Head, stages: readonly Stage[]): Segment[] {
  const all = [head, ...stages]
  const segments: Segment[] = []
  let chain: Link[] = []
  const endChain = (): void => {
    const [first, ...rest] = chain
    if (first !== undefined) segments.push({ kind: 'chain', links: [first, ...rest] })
    chain = []
  }
  for (const [index, stage] of all.entries()) {
    if (stage.kind === 'process') {
      chain.push({ process: stage })
    } else if (stage.kind === 'count' && chain.length > 0 && leadsToProcess(all.slice(index + 1))) {
      chain.push({ process: countWithDd(stage), count: stage })
    } else {
      endChain()
      segments.push(stage.kind === 'count' ? countInNode(stage) : stage)
    }
  }
  endChain()
  return segments
}

function leadsToProcess(following: readonly (Head | Stage)[]): boolean {
  return following.find((stage) => stage.kind !== 'count')?.kind === 'process'
}
