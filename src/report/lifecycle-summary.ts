import { formatTime } from './format.ts'
import type { Block, Cell } from './summary.ts'

/** What a run of `lifecycle` has to tell. */
export interface LifecycleReport {
  readonly store: string
  readonly dryRun: boolean
  readonly rules: readonly { readonly id: string; readonly what: string; readonly ours: boolean }[]
  readonly changes: readonly string[]
  /** What rules will take of what must not go. */
  readonly threats: readonly {
    readonly name: string
    readonly id: string
    readonly verified: boolean
    readonly rule: string
    readonly at: Date
  }[]
  readonly problems: readonly string[]
}

/** Every output of `command: lifecycle`, as `action.yml` describes them. */
export function lifecycleOutputs(changes: readonly string[]): Readonly<Record<'lifecycle-changes', string>> {
  return { 'lifecycle-changes': changes.length.toString() }
}

export function lifecycleSummary(report: LifecycleReport): Block[] {
  const { store, dryRun, rules, changes, threats, problems } = report
  return [
    { kind: 'heading', level: 2, text: `Lifecycle rules of ${store}${dryRun ? ': a dry run' : ''}` },
    ...listed('Look at this', problems),
    ...(changes.length === 0
      ? [{ kind: 'paragraph', text: 'The rules are as they should be; nothing was changed.' } as const]
      : listed(dryRun ? 'Would be changed' : 'Changed', changes)),
    {
      kind: 'table',
      columns: ['Rule', 'Whose', 'What it does'].map((title) => ({ title })),
      rows: rules.map(({ id, what, ours }): Cell[] => [
        { code: id || '(no id)' },
        ours ? 'ours' : 'foreign',
        what,
      ]),
    },
    ...(threats.length === 0
      ? []
      : [
          { kind: 'heading', level: 3, text: 'What the rules take unless newer backups come' } as const,
          {
            kind: 'table',
            columns: ['Backup', 'Which is', 'Rule', 'Not before'].map((title) => ({ title })),
            rows: threats.map(({ name, id, verified, rule, at }): Cell[] => [
              { code: `${name} ${id}` },
              verified ? 'the newest verified' : 'the newest; none is verified',
              { code: rule },
              formatTime(at),
            ]),
          } as const,
        ]),
  ]
}

function listed(title: string, items: readonly string[]): Block[] {
  if (items.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: title },
    { kind: 'list', items },
  ]
}
