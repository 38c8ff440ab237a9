import type { Manifest, SourceFacts } from '../catalog/manifest.ts'
import { totalsOf } from '../catalog/totals.ts'

/** Fractions of what the backup before held, from 0 to 1. */
export interface ShrinkLimits {
  readonly warn: number
  readonly fail?: number | undefined
}

export interface ShrinkFinding {
  readonly severity: 'warning' | 'failure'
  readonly text: string
}

/** Below this, a table comes and goes in the ordinary course of business (queues, sessions, locks). */
const ROWS_WORTH_A_WORD = 100
const BYTES_WORTH_A_WORD = 256 * 1024

/**
 * What the source lost since the backup before: an emptied database dumps as quickly and quietly as a full one. Tables
 * are told apart by OID (names are in no manifest), so a copy in another cluster has none in common with its predecessor:
 * then only totals are compared, and the change itself is reported.
 */
export function findShrinkage(
  now: Pick<SourceFacts, 'source' | 'contents' | 'server'>,
  before: Pick<Manifest, 'source' | 'contents' | 'server' | 'id'>,
  limits: ShrinkLimits,
): ShrinkFinding[] {
  if (now.source !== before.source) {
    return [{ severity: 'warning', text: `Backup ${before.id} of the same name is one of ${before.source}.` }]
  }
  const findings: ShrinkFinding[] = []
  const judge = (what: string, was: number, is: number, unit: string): void => {
    const lost = was > 0 ? (was - is) / was : 0
    if (lost <= limits.warn && (limits.fail === undefined || lost <= limits.fail)) return
    findings.push({
      severity: limits.fail !== undefined && lost > limits.fail ? 'failure' : 'warning',
      text: `${what}: ${is} ${unit}, ${Math.floor(lost * 100)} % fewer than the ${was} of backup ${before.id}.`,
    })
  }
  const [was, is] = [totalsOf(before), totalsOf(now)]
  const { words } = is
  if (was.rows !== null && is.rows !== null)
    judge(`All ${words.parts} together`, was.rows, is.rows, words.rows)
  judge(`All ${words.parts} together`, was.bytes, is.bytes, 'bytes')
  judge(`Number of ${words.parts}`, was.parts, is.parts, words.parts)

  if (is.place !== null && was.place !== null && is.place !== was.place) {
    findings.push({
      severity: 'warning',
      text:
        `This is another database cluster (system identifier ${is.place}) than the one of backup ${before.id} (${was.place}). ` +
        'Expected after a move or a major upgrade; otherwise two databases share one name, or the URL points elsewhere.',
    })
    return findings
  }
  const parts = new Map(is.each.map((part) => [part.id, part]))
  for (const part of was.each) {
    const found = parts.get(part.id)
    const name = `${words.one} ${part.id}`
    if (!found && (part.rows ?? part.bytes) > 0) {
      const unit = part.rows === null ? 'bytes' : words.rows
      judge(`${name}, which is gone`, part.rows ?? part.bytes, 0, unit)
    } else if (found) {
      if (part.rows !== null && found.rows !== null && part.rows >= ROWS_WORTH_A_WORD) {
        judge(name, part.rows, found.rows, words.rows)
      }
      if (part.bytes >= BYTES_WORTH_A_WORD) judge(name, part.bytes, found.bytes, 'bytes')
    }
  }
  return findings
}
