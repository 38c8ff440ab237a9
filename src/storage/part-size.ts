import { LifeboatError } from '../errors.ts'
import type { StoreProfile } from './profile.ts'

const MIB = 1024 * 1024

/** No part is smaller: at 5 MiB, the stores' minimum, the overhead of a request shows. */
export const SMALLEST_PART = 8 * MIB

/** Bytes that may be on their way at a time, as long as that is at least two parts. */
export const BYTES_IN_FLIGHT = 32 * MIB

/** How much larger the parts are when an object outgrew its estimate and begins anew. */
export const REGROWTH = 8

export interface PartPlan {
  /** Bytes of every part but the last. */
  readonly partBytes: number
  /** Parts that are filled or on their way at a time. */
  readonly inFlight: number
  /** An object that is not at its end after so many parts has outgrown its estimate. */
  readonly lastPart: number
}

/**
 * Picks the size of the parts of one object before its first byte, from an upper estimate of its bytes. The parts
 * are at least 8 MiB, and so large that the estimate fits into nine tenths of the parts that the store allows
 * (9,000): the rest is for an estimate that was wrong. What is bounded is the bytes in flight, not the parts: four
 * parts of 8 MiB, and two of 16 MiB or more.
 *
 * Memory: a write holds `inFlight × partBytes` in buffers of its own, nothing more; the process peaks at about
 *
 *     100 MB + inFlight × partBytes + what its source leaves to the garbage collector
 *
 * Measured on Node 24, compiled, 2 GB uploaded: 134 MB with four parts of 8 MiB, 230 MB with two of 64 MiB (600 GB
 * expected, a database of 150 GB). A source that leaves a fresh chunk of 64 KiB each time, instead of reusing or
 * releasing it once it is asked for the next, adds up to 65 MB.
 *
 * An estimate above what the store takes in one object is taken for that: it is an upper one, and an object that
 * really grows so large is refused when it does. Throws `input` when `partBytes`, the user's own wish,
 * cannot carry the estimate.
 */
export function planParts(profile: StoreProfile, expectedBytes: number, partBytes?: number): PartPlan {
  const lastPart = Math.floor(profile.maxParts * 0.9)
  const expected = Math.min(expectedBytes, profile.maxObjectBytes)
  const needed = roundUp(expected / lastPart, MIB)
  if (partBytes === undefined) return plan(Math.max(SMALLEST_PART, needed), lastPart, profile)
  if (partBytes < profile.minPartBytes || partBytes > profile.maxPartBytes) {
    throw new LifeboatError('input', `A part of ${size(partBytes)} is not what the ${profile.title} takes.`, {
      hint: `Set a part size between ${size(profile.minPartBytes)} and ${size(profile.maxPartBytes)}, or none.`,
    })
  }
  if (partBytes < needed) {
    throw new LifeboatError(
      'input',
      `Parts of ${size(partBytes)} end at ${size(partBytes * lastPart)}; this object may take ${size(expected)}.`,
      { hint: `Set a part size of at least ${size(needed)}, or none, and it is picked.` },
    )
  }
  return plan(partBytes, lastPart, profile)
}

/**
 * The plan for an object that outgrew `outgrown`: parts eight times larger. Undefined when there is no such plan:
 * it grew to the store's limit for one object already.
 */
export function regrow(profile: StoreProfile, outgrown: PartPlan): PartPlan | undefined {
  if (outgrown.partBytes * outgrown.lastPart >= profile.maxObjectBytes) return undefined
  return plan(outgrown.partBytes * REGROWTH, outgrown.lastPart, profile)
}

function plan(partBytes: number, lastPart: number, profile: StoreProfile): PartPlan {
  const bounded = Math.min(partBytes, profile.maxPartBytes)
  return {
    partBytes: bounded,
    inFlight: Math.max(2, Math.floor(BYTES_IN_FLIGHT / bounded)),
    lastPart,
  }
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}

/** `64 MiB` */
function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power] ?? ''}`
}
