import { countedUpload } from '../../__tests__/support/counted-upload.ts'
import { planParts, type PartPlan } from '../../src/storage/part-size.ts'
import { storeProfile } from '../../src/storage/profile.ts'
import { TERABYTE } from './options.ts'

export interface SimulatedTerabyte {
  readonly plan: PartPlan
  /** Bytes that were really sent, and counted at the other end. */
  readonly sent: number
  readonly seconds: number
  readonly parts: number
  /** Whether every part but the last has the planned size, and all together what was sent. */
  readonly equal: boolean
  /** Parts of the whole terabyte. */
  readonly partsOfAll: number
  readonly allowedParts: number
  readonly peakRss: number
  /** What `partBytes × inFlight` on top of the same process with a small object comes to. */
  readonly expectedRss: number
}

const SMALL = 512e6

/**
 * Uploads the first `bytes` bytes of an object of a terabyte to a server that only counts. The process's own share
 * of the memory is taken from a small upload, whose parts have the least size there is.
 */
export async function simulateTerabyte(bytes: number): Promise<SimulatedTerabyte> {
  const profile = storeProfile('http://127.0.0.1')
  const plan = planParts(profile, TERABYTE)
  const small = await countedUpload({ bytes: SMALL, expectedBytes: SMALL, node: process.execPath })
  const smallPlan = planParts(profile, SMALL)
  const large = await countedUpload({ bytes, expectedBytes: TERABYTE, node: process.execPath })
  const parts = large.object?.parts ?? []
  const full = parts.slice(0, -1).every((part) => part === plan.partBytes)
  const sent = parts.reduce((sum, part) => sum + part, 0)
  return {
    plan,
    sent,
    seconds: large.seconds,
    parts: parts.length,
    equal: full && sent === bytes && large.aborted === 0,
    partsOfAll: Math.ceil(TERABYTE / plan.partBytes),
    allowedParts: profile.maxParts,
    peakRss: large.peakRss,
    expectedRss: small.peakRss - inFlightBytes(smallPlan) + inFlightBytes(plan),
  }
}

function inFlightBytes({ partBytes, inFlight }: PartPlan): number {
  return partBytes * inFlight
}
