import { pruneTotals, type PruneReport } from './prune-report.ts'

const NAMES = ['kept', 'removed', 'bytes-freed', 'attempts-removed', 'uploads-aborted'] as const

/** Every output of `command: prune`, as `action.yml` describes them. */
export type PruneOutputs = Readonly<Record<(typeof NAMES)[number] | 'pruned', string>>

export function pruneOutputs(names: PruneReport['names']): PruneOutputs {
  return {
    ...texts(names),
    pruned: JSON.stringify(names.map((name) => ({ name: name.name, ...numbers([name]) }))),
  }
}

function texts(names: PruneReport['names']): Record<(typeof NAMES)[number], string> {
  const of = numbers(names)
  return Object.fromEntries(NAMES.map((name) => [name, of[name].toString()])) as Record<
    (typeof NAMES)[number],
    string
  >
}

function numbers(names: PruneReport['names']): Record<(typeof NAMES)[number], number> {
  const { kept, removed, bytesFreed, attemptsRemoved, uploadsAborted } = pruneTotals(names)
  return {
    kept,
    removed,
    'bytes-freed': bytesFreed,
    'attempts-removed': attemptsRemoved,
    'uploads-aborted': uploadsAborted,
  }
}
