import type { PreparedProver, ProofContext, ProofMaterial, ProofPlan, ProofTotals } from '../catalog/proof.ts'
import { manifestOf } from '../catalog/manifest.ts'
import { checkIndexes } from './amcheck.ts'
import { analyze } from './analyze.ts'
import { checkExpectations } from './check-expectations.ts'
import type { Connection } from './connection.ts'
import type { Contents } from './contents.ts'
import { damageCopy } from './negative-control.ts'
import { compareDatabaseItself } from './prove-database.ts'
import { compareWithSnapshot, type ComparedCopy } from './prove-equal.ts'
import { restoreForProof, restoredReport, type ProofPlace, type RestoredCopy } from './prove-restore.ts'
import { sweepReferences } from './references.ts'
import { refreshViews } from './refresh-views.ts'
import { recordedSearchPath } from './search-path.ts'
import { openSession } from './session.ts'

export interface ProveOptions {
  readonly place: ProofPlace
  readonly plan: ProofPlan
  readonly temporary: string
  /** How many processors there are. */
  readonly jobs: number
  readonly secret: () => string
  readonly stallMs: number
  /** Called at the end with the restored database, as its owner, while it is there. */
  readonly whileRestored?: ((owner: Connection) => Promise<void>) | undefined
  /** Ends the place. */
  readonly dispose: () => Promise<void>
}

/** What somebody's queries see: the search path of the source, as data. The copy itself gets it last of all. */
function withSearchPath(owner: Connection, settings: Contents['settings']): Connection {
  const name = 'search_path='
  const recorded = settings.find(({ role, setting }) => role === '' && setting.startsWith(name))
  if (recorded === undefined) return owner
  const option = `-c ${recorded.setting.replace(/[\\\s]/g, '\\$&')}`
  return { ...owner, serverOptions: `${owner.serverOptions ?? ''} ${option}`.trim() }
}

/** Climbs from `restored` upwards in one server. */
export function preparedProver(options: ProveOptions): PreparedProver {
  return {
    notes: options.place.notes,
    prove: (material, context) => prove(options, material, context),
    [Symbol.asyncDispose]: options.dispose,
  }
}

async function prove(
  options: ProveOptions,
  material: ProofMaterial,
  context: ProofContext,
): Promise<ProofTotals> {
  const { plan, jobs, place } = options
  const { climb, watch, signal } = context
  const holder: { copy?: RestoredCopy; compared?: ComparedCopy; removing?: Promise<void> } = {}
  try {
    await climb('restored', async () => {
      const { amcheck } = plan.extras
      const copy = await restoreForProof({ ...options, amcheck }, material, context)
      holder.copy = copy
      watch.lap('restore')
      await analyze(copy.target.owner, { sessions: jobs, signal })
      watch.lap('analyze')
      return restoredReport(copy, place)
    })
    const { copy } = holder
    if (!copy) throw new TypeError('a rung passed without a restore')
    const { target, restored } = copy
    await climb('equal', async () => {
      const { standby } = manifestOf('postgres', material.manifest).server
      holder.compared = await compareWithSnapshot(copy, { standby, jobs, signal })
      return holder.compared.report
    })
    let orphans: number | null = null
    await climb('references', async () => {
      await using session = await openSession(target.owner, signal)
      const swept = await sweepReferences(session, plan.expectations, material.orphansBefore)
      orphans = swept.orphans
      return swept.report
    })
    const isPartial = restored.refused.length + restored.consequences.length > 0
    const { views } = restored.plan.steps
    await climb('views', () => refreshViews({ ...copy, views, owners: target.owners, isPartial }))
    // The last that needs it: a decrypted copy lies about no longer than it has to. A large file takes its time to go.
    if (material.archive.kind === 'file') holder.removing = material.archive.done()
    // Told at the end.
    holder.removing?.catch(() => undefined)
    await climb('expectations', async () => {
      const { expectations } = plan
      if (!expectations) return { outcome: 'skipped', summary: 'No expectations were given.' }
      await using session = await openSession(target.owner, signal)
      return await checkExpectations(session, expectations, {
        snapshotTime: new Date(material.manifest.snapshot.time),
        searchPath: recordedSearchPath(copy.contents.settings),
      })
    })
    if (plan.extras.amcheck) await climb('amcheck', () => checkIndexes(target.owner, signal))
    if (plan.extras.negativeControl) {
      const tables = holder.compared?.found.tables ?? []
      await climb('negative-control', () => damageCopy(target.owner, tables, signal))
    }
    watch.lap('check')
    await options.whileRestored?.(withSearchPath(target.owner, copy.contents.settings))
    // The last of all: what is set there may keep everybody out.
    await climb('equal', () => compareDatabaseItself(copy, signal))
    return { tables: holder.compared?.tables ?? 0, rows: holder.compared?.rows ?? null, orphans }
  } finally {
    await Promise.all([holder.removing, holder.copy?.dispose()])
  }
}
