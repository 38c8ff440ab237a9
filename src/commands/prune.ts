import { MAX_SKEW_MS, type RetentionPolicy } from '../retention/policy.ts'
import { planRetention, type RetentionPlan } from '../retention/plan.ts'
import { LifeboatError } from '../errors.ts'
import type { PrunableStore, Versioning } from '../storage/prunable-store.ts'
import { pruneTrail, readTrail, type PrunedTrail } from './prune-trail.ts'
import { readCatalog, readUploads, withUploadsOnly, type Place } from './read-catalog.ts'
import { removeBackups, type FolderOutcome, type RemoveSurroundings } from './remove-backups.ts'

export interface PruneSettings extends Place {
  readonly policy: RetentionPolicy
  /** Names for which `max-delete` does not hold. */
  readonly confirmed: ReadonlySet<string>
  readonly dryRun: boolean
  readonly deleteVersions: boolean
  /** Records of the audit trail that are older go. */
  readonly auditDays: number
}

export interface PruneOutcome {
  readonly plans: readonly RetentionPlan[]
  /** What became of every folder that was to go; empty in a dry run. */
  readonly folders: readonly FolderOutcome[]
  /** Keys of uploads that were aborted. */
  readonly aborted: readonly string[]
  /** Objects under the prefix that are nobody's business. */
  readonly foreign: number
  readonly objects: number
  /** There is a backup, of whatever format, or one that is being written. */
  readonly found: boolean
  /** Asked only where something goes. */
  readonly versioning: Versioning | undefined
  /** Undefined where the run broke off before. */
  readonly trail: PrunedTrail | undefined
  /** What broke the run off; the rest is what was done until then. */
  readonly failure: unknown
}

/**
 * List → decide → remove. What goes is decided by `planRetention` from names, sizes and dates; no object is read.
 * Throws before anything is removed where the store cannot be listed or its clock is wrong; afterwards what went wrong
 * is in the outcome, beside what was done.
 */
export async function prune(settings: PruneSettings, around: RemoveSurroundings): Promise<PruneOutcome> {
  const { store, log, clock, signal } = around
  const { policy, confirmed, dryRun } = settings
  const now = clock.now()
  const catalog = await readCatalog(store, settings, signal)
  const uploads = await readUploads(store, settings, { now, signal })
  await refuseSkew(store)

  const plans = withUploadsOnly(catalog.names, uploads).map((named) =>
    planRetention(named, policy, {
      now,
      confirmed,
      uploads: uploads.filter(({ name }) => name === named.name),
    }),
  )
  const going = plans.flatMap(foldersOf)
  const dead = plans.flatMap((plan) =>
    plan.uploads.flatMap(({ upload, state }) => (state === 'dead' ? [upload] : [])),
  )
  const versioning = going.length > 0 ? await store.versioning() : undefined
  log.info(
    `${catalog.objects} objects under ${settings.prefix || 'the root'} of ${store.description}: ` +
      `${going.length} folder(s) and ${dead.length} unfinished upload(s) go${dryRun ? ', if this were no dry run' : ''}.`,
  )

  const folders: FolderOutcome[] = []
  const aborted: string[] = []
  let failure: unknown
  let trail: PrunedTrail | undefined
  if (!dryRun) {
    try {
      const kept = versioning === 'enabled' || versioning === 'suspended' || versioning === 'hidden'
      const { prefix, deleteVersions } = settings
      await removeBackups(going, { prefix, deleteVersions: deleteVersions && kept }, around, (outcome) => {
        folders.push(outcome)
        log.info(sentenceOf(outcome))
      })
      for (const upload of dead) {
        signal.throwIfAborted()
        await store.abortUpload(upload)
        aborted.push(upload.key)
        log.info(
          `Aborted the upload of ${upload.key}: nothing has come since ${upload.lastActivity.toISOString()}.`,
        )
      }
    } catch (error) {
      failure = error
    }
  }
  if (failure === undefined) {
    try {
      const { prefix, name, auditDays } = settings
      const records = name === undefined ? catalog.trail : await readTrail(store, prefix, signal)
      trail = await pruneTrail(records, auditDays, { store, now, dryRun, signal })
      if (trail.removed > 0)
        log.info(`Audit trail: ${trail.removed} record(s) ${dryRun ? 'would go' : 'removed'}.`)
    } catch (error) {
      failure = error
    }
  }
  const { foreign, objects } = catalog
  const found =
    catalog.names.some(({ backups, newer }) => backups.length + newer.length > 0) || plans.some(isBegun)
  return { plans, folders, aborted, foreign, objects, found, versioning, trail, failure }
}

/** The first backup of a name may just be on its way. */
function isBegun({ attempts, uploads }: RetentionPlan): boolean {
  return [...attempts, ...uploads].some(({ state }) => state === 'alive')
}

/** Everything of a plan that is removed, manifest first. */
function foldersOf({ decisions, attempts }: RetentionPlan) {
  return [
    ...decisions.flatMap(({ backup, stays }) => (stays ? [] : [backup])),
    ...attempts.flatMap(({ attempt, state }) =>
      state === 'dead' || state === 'broken-removal' ? [attempt] : [],
    ),
  ]
}

async function refuseSkew(store: PrunableStore): Promise<void> {
  const skew = await store.clockSkewMs()
  if (skew !== undefined && Math.abs(skew) <= MAX_SKEW_MS) return
  const what =
    skew === undefined
      ? `does not tell the time`
      : `has a clock that is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's`
  throw new LifeboatError('guard', `The store (${store.description}) ${what}, so nothing is removed.`, {
    hint: 'What is old and what is new depends on both clocks. Set this machine by NTP; ask whoever runs the store.',
  })
}

function sentenceOf({ folder, outcome, reason }: FolderOutcome): string {
  const what = `${folder.committed ? 'backup' : 'attempt'} ${folder.id} of "${folder.name}"`
  const why = reason === undefined ? '' : `: ${reason}`
  switch (outcome) {
    case 'removed':
      return `Removed ${what}.`
    case 'locked':
      return `Kept ${what}, which a lock holds${why}.`
    case 'kept':
      return `Kept ${what}${why}.`
    case 'failed':
      return `Could not remove ${what}${why}.`
    case 'unfinished':
      return `Did not end with ${what}: the run broke off.`
  }
}
