import type { ClimbOutcome } from '../catalog/verification-outcome.ts'
import { rungsOf, type ClimbedRung, type Rung } from '../catalog/verification.ts'
import { bars } from './charts.ts'
import { formatDuration } from './format.ts'
import type { Block, Cell } from './summary.ts'

export const RUNG_TITLES: Readonly<Record<Rung, string>> = {
  manifest: 'Manifest',
  stored: 'Stored bytes',
  opened: 'Decryption',
  unpacked: 'Decompression',
  restored: 'Restore',
  equal: 'Equal to the snapshot',
  references: 'References',
  views: 'Materialized views',
  searches: 'Searches',
  expectations: 'Expectations',
  amcheck: 'Indexes (amcheck)',
  'negative-control': 'Negative control',
  time: 'Time to restore',
}

const WORDS: Readonly<Record<ClimbedRung['outcome'], string>> = {
  passed: 'passed',
  failed: 'FAILED',
  'not-measured': 'NOT MEASURED',
  skipped: 'nothing to do',
}

/** What a climb found: every rung of the source's ladder, differences, times, notes of the rungs. */
export function ladderBlocks(outcome: ClimbOutcome, source: 'postgres' | 'meilisearch'): Block[] {
  return [
    { kind: 'heading', level: 3, text: 'The ladder' },
    ladderTable(outcome, source),
    ...outcome.rungs.flatMap(details),
    ...phases(outcome),
    ...listed(
      'Notes',
      outcome.rungs.flatMap(({ notes = [] }) => notes),
    ),
  ]
}

/** All rungs, those too that the climb did not reach. */
function ladderTable({ rungs }: ClimbOutcome, source: 'postgres' | 'meilisearch'): Block {
  const rows = rungsOf(source).flatMap((name): Cell[][] => {
    const rung = rungs.find((each) => each.rung === name)
    if (!rung) {
      const optional = name === 'amcheck' || name === 'negative-control'
      return optional ? [] : [[RUNG_TITLES[name], 'NOT MEASURED', 'not reached', '']]
    }
    return [[RUNG_TITLES[name], WORDS[rung.outcome], rung.summary, formatDuration(rung.seconds * 1000)]]
  })
  return {
    kind: 'table',
    columns: [
      { title: 'Rung' },
      { title: 'Result' },
      { title: 'What was seen' },
      { title: 'Time', numeric: true },
    ],
    rows,
  }
}

function details({ rung, findings = [], warnings = [] }: ClimbedRung): Block[] {
  if (findings.length === 0 && warnings.length === 0) return []
  const columns = ['What', 'Expected', 'Found'].map((title) => ({ title }))
  const rows = findings.map(({ what, expected, found }): Cell[] => [what, expected, found])
  return [
    { kind: 'heading', level: 3, text: RUNG_TITLES[rung] },
    ...(findings.length > 0 ? [{ kind: 'table', columns, rows } as const] : []),
    ...(warnings.length > 0 ? [{ kind: 'list', items: warnings } as const] : []),
  ]
}

function phases({ seconds }: ClimbOutcome): Block[] {
  const slices = Object.entries(seconds).map(([label, value]) => ({ label, value }))
  const chart = bars('Time of each phase', 'seconds', slices)
  if (slices.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: 'Time' },
    {
      kind: 'table',
      columns: [{ title: 'Phase' }, { title: 'Time', numeric: true }],
      rows: slices.map(({ label, value }): Cell[] => [label, formatDuration(value * 1000)]),
    },
    ...(chart ? [{ kind: 'chart', mermaid: chart } as const] : []),
  ]
}

function listed(title: string, items: readonly string[]): Block[] {
  if (items.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: title },
    { kind: 'list', items },
  ]
}
