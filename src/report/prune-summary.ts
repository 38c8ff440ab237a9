import { formatBytes, formatCount, formatTime, plural } from './format.ts'
import { pruneTotals, type Fate, type PrunedName, type PruneReport } from './prune-report.ts'
import type { Block, Cell } from './summary.ts'

/** What the job's summary says of a run of `prune`. */
export function pruneSummary(report: PruneReport): Block[] {
  const title = `Prune of ${report.prefix === '' ? '/' : report.prefix}${report.dryRun ? ': a dry run' : ''}`
  return [
    { kind: 'heading', level: 2, text: title },
    ...listed('Look at this', report.problems),
    facts(report),
    ...overview(report),
    ...listed('Notes', report.notices),
    ...report.names.map((name): Block => details(name, report)),
  ]
}

function facts(report: PruneReport): Block {
  const { kept, removed, bytesFreed, attemptsRemoved, uploadsAborted } = pruneTotals(report.names)
  const gone = report.dryRun ? 'Would be removed' : 'Removed'
  const rows: Cell[][] = [
    ['Store', report.store],
    ['Policy', report.policy],
    ['Kept', plural(kept, 'backup')],
    [gone, plural(removed, 'backup')],
    [report.dryRun ? 'Would be freed' : 'Freed', formatBytes(bytesFreed)],
    ['Dead attempts', `${formatCount(attemptsRemoved)} ${gone.toLowerCase()}`],
    ['Dead uploads', `${formatCount(uploadsAborted)} ${report.dryRun ? 'would be aborted' : 'aborted'}`],
    ...(report.foreign > 0 ? [['Not ours, left alone', plural(report.foreign, 'object')]] : []),
    ...(report.versions === undefined ? [] : [['Versions', report.versions]]),
  ]
  return { kind: 'table', columns: [{ title: 'What' }, { title: 'Value' }], rows }
}

function overview({ names, dryRun }: PruneReport): Block[] {
  if (names.length < 2) return []
  const rows = names.map((name): Cell[] => {
    const { kept, removed, bytesFreed } = pruneTotals([name])
    return [{ code: name.name }, formatCount(kept), formatCount(removed), formatBytes(bytesFreed)]
  })
  const numeric = ['Kept', dryRun ? 'Would go' : 'Removed', 'Freed'].map((title) => ({
    title,
    numeric: true,
  }))
  return [{ kind: 'table', columns: [{ title: 'Name' }, ...numeric], rows }]
}

const FATES: Readonly<Record<Fate, string>> = {
  stays: 'stays',
  goes: 'would go',
  removed: 'removed',
  locked: 'LOCKED, stays',
  failed: 'NOT REMOVED',
  unfinished: 'NOT FINISHED',
}

function details({ name, totals, backups, attempts, aborted }: PrunedName, { dryRun }: PruneReport): Block {
  const { kept, removed } = totals
  const left = kept + removed - backups.length
  const rows = backups.map((backup): Cell[] => [
    { code: backup.id },
    formatBytes(backup.bytes),
    { ok: 'ok', failed: 'FAILED', none: '–' }[backup.verification],
    FATES[backup.fate],
    backup.reasons.join('; '),
  ])
  const columns = ['Verified', 'What', 'Why'].map((title) => ({ title }))
  const blocks: Block[] = [
    { kind: 'table', columns: [{ title: 'Backup' }, { title: 'Size', numeric: true }, ...columns], rows },
    ...(left > 0 ? [{ kind: 'paragraph', text: `… and ${plural(left, 'older backup')}.` } as const] : []),
    ...(attempts.length > 0
      ? [
          { kind: 'heading', level: 4, text: 'Without a manifest' } as const,
          {
            kind: 'table',
            columns: ['Attempt', 'Last activity', 'What', 'Why'].map((title) => ({ title })),
            rows: attempts.map((attempt): Cell[] => [
              { code: attempt.id },
              formatTime(attempt.lastActivity),
              FATES[attempt.fate],
              attempt.reason,
            ]),
          } as const,
        ]
      : []),
    ...listed(dryRun ? 'Uploads that would be aborted' : 'Aborted uploads', aborted, 4),
  ]
  return {
    kind: 'details',
    title: `${name}: ${kept} kept, ${removed} ${dryRun ? 'would go' : 'removed'}`,
    blocks,
  }
}

function listed(title: string, items: readonly string[], level: 3 | 4 = 3): Block[] {
  if (items.length === 0) return []
  return [
    { kind: 'heading', level, text: title },
    { kind: 'list', items },
  ]
}
