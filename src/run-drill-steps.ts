import { systemClock } from './catalog/ports.ts'
import type { DrillStep } from './commands/drill.ts'
import { legOf } from './commands/drill-leg.ts'
import { LifeboatError } from './errors.ts'
import type { DrillRequest } from './inputs/request.ts'
import type { Connection } from './postgres/connection.ts'
import { practisedSearch, type PractisedSearch } from './run-drill-search.ts'
import { verifyBackup } from './run-restore-verify.ts'
import type { Run } from './wiring.ts'

/** What there is to recover, by the names of backups. */
export interface Recoverable {
  readonly databases: readonly string[]
  readonly searches: readonly string[]
}

/** Every recovery that is asked for, in the order of the runbook: databases, then search. Throws `input`. */
export function drillSteps(
  request: DrillRequest,
  run: Run,
  { databases, searches }: Recoverable,
): { readonly steps: readonly DrillStep[]; readonly search: PractisedSearch | undefined } {
  const search = request.search && practisedSearch({ request, search: request.search, searches }, run)
  if (search?.rebuild === undefined) {
    const each = databases.map((name) => databaseStep(name, { request, run }))
    return { steps: [...each, ...(search?.fromBackup ?? [])], search }
  }
  const [name, ...others] = databases
  if (others.length > 0) {
    throw new LifeboatError(
      'input',
      `reindex: search is rebuilt from one database, and there are backups of ${databases.length}: ${databases.join(', ')}.`,
      {
        hint: 'Say which with name, and drill the others in a step of their own, without reindex. Nothing was touched.',
      },
    )
  }
  let restored: Connection | undefined
  const rebuild = search.rebuild(name, () => restored)
  const dependents = [...search.fromBackup, rebuild]
  if (name === undefined) return { steps: dependents, search }
  const whileRestored = async (owner: Connection, meanwhile: () => Promise<void>): Promise<void> => {
    restored = owner
    await meanwhile()
    restored = undefined
  }
  return { steps: [{ ...databaseStep(name, { request, run, whileRestored }), dependents }], search }
}

function databaseStep(
  name: string,
  {
    request,
    run,
    whileRestored,
  }: {
    readonly request: DrillRequest
    readonly run: Run
    readonly whileRestored?: (owner: Connection, meanwhile: () => Promise<void>) => Promise<void>
  },
): DrillStep {
  return {
    title: `Database "${name}"`,
    targetSeconds: (request.targets.rto ?? 0) / 1000,
    recover: async (meanwhile) => {
      const outcome = await verifyBackup(
        { ...request, command: 'restore-verify', choice: { ...request.choice, name } },
        run,
        whileRestored && ((owner) => whileRestored(owner, meanwhile)),
      )
      return legOf(outcome, { now: systemClock.now() })
    },
  }
}
