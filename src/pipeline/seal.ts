import { createHash } from 'node:crypto'
import type { TransformStage } from './stage.ts'

/** Put last into a flow: what it has seen is what is stored. */
export interface Seal {
  readonly stage: TransformStage
  /** What passed. Throws as long as the stage has not seen the end. */
  result(): { readonly bytes: number; readonly sha256: string }
}

/** Counts and hashes (SHA-256, lower-case hexadecimal) what passes, once. */
export function seal(): Seal {
  const hash = createHash('sha256')
  let bytes = 0
  let begun = false
  let sha256: string | undefined

  async function* pass(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    if (begun) throw new TypeError('a seal is for one flow only')
    begun = true
    for await (const chunk of input) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
    sha256 = hash.digest('hex')
  }

  return {
    stage: { kind: 'transform', label: 'sha256', transform: pass },
    result() {
      if (sha256 === undefined) throw new TypeError('the flow has not ended: its hash is not known')
      return { bytes, sha256 }
    },
  }
}
