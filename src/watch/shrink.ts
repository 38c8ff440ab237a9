import type { Manifest, SourceFacts } from '../catalog/manifest.ts'

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
 * What the database lost since the backup before: an emptied database dumps as quickly and quietly as a full one.
 * Tables are told apart by OID (names are in no manifest), so a copy in another cluster has none in common with its
 * predecessor: then only totals are compared, and the change itself is reported.
 */
export function findShrinkage(
  now: Pick<SourceFacts, 'contents' | 'server'>,
  before: Pick<Manifest, 'contents' | 'server' | 'id'>,
  limits: ShrinkLimits,
): ShrinkFinding[] {
  const findings: ShrinkFinding[] = []
  const judge = (what: string, was: number, is: number, unit: string): void => {
    const lost = was > 0 ? (was - is) / was : 0
    if (lost <= limits.warn && (limits.fail === undefined || lost <= limits.fail)) return
    findings.push({
      severity: limits.fail !== undefined && lost > limits.fail ? 'failure' : 'warning',
      text: `${what}: ${is} ${unit}, ${Math.floor(lost * 100)} % fewer than the ${was} of backup ${before.id}.`,
    })
  }
  const [was, is] = [before.contents, now.contents]
  if (was.rows !== null && is.rows !== null) judge('All tables together', was.rows, is.rows, 'rows')
  judge('All tables together', totalBytes(was), totalBytes(is), 'bytes')
  judge('Number of tables', was.tables, is.tables, 'tables')

  const [here, there] = [now.server.systemIdentifier, before.server.systemIdentifier]
  if (here !== null && there !== null && here !== there) {
    findings.push({
      severity: 'warning',
      text:
        `This is another database cluster (system identifier ${here}) than the one of backup ${before.id} (${there}). ` +
        'Expected after a move or a major upgrade; otherwise two databases share one name, or the URL points elsewhere.',
    })
    return findings
  }
  const tables = new Map(is.perTable.map((table) => [table.oid, table]))
  for (const table of was.perTable) {
    const found = tables.get(table.oid)
    if (!found && (table.rows ?? table.bytes) > 0) {
      judge(
        `Table with OID ${table.oid}, which is gone`,
        table.rows ?? table.bytes,
        0,
        table.rows === null ? 'bytes' : 'rows',
      )
    } else if (found) {
      const name = `Table with OID ${table.oid}`
      if (table.rows !== null && found.rows !== null && table.rows >= ROWS_WORTH_A_WORD) {
        judge(name, table.rows, found.rows, 'rows')
      }
      if (table.bytes >= BYTES_WORTH_A_WORD) judge(name, table.bytes, found.bytes, 'bytes')
    }
  }
  return findings
}

function totalBytes({ perTable }: SourceFacts['contents']): number {
  return perTable.reduce((sum, { bytes }) => sum + bytes, 0)
}
