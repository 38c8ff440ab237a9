import type { ListedBackup, NamedBackups } from '../catalog/listing.ts'
import { decideAttempts, type AttemptDecision, type ListedUpload, type UploadDecision } from './attempts.ts'
import { floor, isFuture, type Floor } from './floor.ts'
import { refuseStopped, refuseTooMany, type Refusal } from './guards.ts'
import { UNVERIFIED_MIN_KEEP, type RetentionPolicy } from './policy.ts'
import type { KeepReason, RemoveReason } from './reason.ts'
import { fillSlots } from './slots.ts'

const DAY_MS = 86_400_000
const NONE: readonly KeepReason[] = []
const NO_RULE: readonly RemoveReason[] = [{ kind: 'no-rule' }]
const FAILED: readonly RemoveReason[] = [{ kind: 'verification-failed' }]

/** What becomes of one backup, and every reason for it. */
export type Decision =
  | { readonly backup: ListedBackup; readonly stays: true; readonly reasons: readonly KeepReason[] }
  | { readonly backup: ListedBackup; readonly stays: false; readonly reasons: readonly RemoveReason[] }

/** What becomes of all that one name has in the store. */
export interface RetentionPlan {
  readonly name: string
  /** Of the committed backups, newest first. */
  readonly decisions: readonly Decision[]
  readonly attempts: readonly AttemptDecision[]
  readonly uploads: readonly UploadDecision[]
  /** Nothing of the name is removed, and the step is red. */
  readonly refusal: Refusal | undefined
  /** What the reader should know though nothing is wrong. */
  readonly notices: readonly string[]
}

export interface PlanOptions {
  readonly now: Date
  /** Names for which `max-delete` does not hold. */
  readonly confirmed: ReadonlySet<string>
  /** Of this name only. */
  readonly uploads: readonly ListedUpload[]
}

/** Decides what stays and what goes of one name, from the listing alone. */
export function planRetention(
  { name, backups, attempts, newer }: NamedBackups,
  policy: RetentionPolicy,
  { now, confirmed, uploads }: PlanOptions,
): RetentionPlan {
  const wanted = applyPolicy(backups, policy, now)
  const { decisions } = wanted
  const removed = decisions.filter(({ stays }) => !stays).length
  const total = backups.filter((backup) => !isFuture(backup, now)).length
  const unfinished = decideAttempts(attempts, uploads, now)
  // The first backup of a name may just be on its way: where nothing would go, nothing is refused.
  const isNew = backups.length === 0 && [...unfinished.attempts, ...unfinished.uploads].every(isAlive)
  const refusal = isNew
    ? undefined
    : (refuseStopped(name, backups, policy.guards, now) ??
      refuseTooMany(name, { removed, total }, policy.guards, confirmed))
  return {
    name,
    decisions: refusal ? decisions.map(withheld) : decisions,
    ...(refusal ? nothingDead(unfinished) : unfinished),
    refusal,
    notices: [...noticesOf(name, decisions, wanted.floor, policy), ...newerNotice(name, newer.length)],
  }
}

function newerNotice(name: string, count: number): string[] {
  if (count === 0) return []
  return [
    `${count} backup(s) of "${name}" have a format that this version does not know: they stay, and count for nothing. Use a newer version.`,
  ]
}

function isAlive({ state }: AttemptDecision | UploadDecision): boolean {
  return state === 'alive'
}

/** The rules and the floor, without guards. `backups` are committed, newest first. */
export function applyPolicy(
  backups: readonly ListedBackup[],
  policy: RetentionPolicy,
  now: Date,
): { readonly decisions: readonly Decision[]; readonly floor: Floor } {
  const held = floor(backups, policy.minKeep, now)
  // What is bad, or from a clock that went wrong, takes nobody's slot.
  const eligible = backups.filter((backup) => backup.verification !== 'failed' && !isFuture(backup, now))
  const slots = fillSlots(eligible, policy.keep)
  const decisions = backups.map((backup): Decision => {
    const reasons: KeepReason[] = [...(held.reasons.get(backup) ?? NONE), ...(slots.get(backup) ?? NONE)]
    if (isYoung(backup, policy, now) && policy.days !== undefined)
      reasons.push({ kind: 'days', days: policy.days })
    if (held.all) reasons.push(held.all)
    if (reasons.length > 0) return { backup, stays: true, reasons }
    return { backup, stays: false, reasons: backup.verification === 'failed' ? FAILED : NO_RULE }
  })
  return { decisions, floor: held }
}

/** Age is no slot: a bad backup that is young takes nobody's place, and may still be wanted for a post-mortem. */
function isYoung({ time }: ListedBackup, { days }: RetentionPolicy, now: Date): boolean {
  const age = now.getTime() - time.getTime()
  return days !== undefined && age >= 0 && age < days * DAY_MS
}

function withheld(decision: Decision): Decision {
  return decision.stays ? decision : { backup: decision.backup, stays: true, reasons: [{ kind: 'guard' }] }
}

function nothingDead(unfinished: {
  readonly attempts: readonly AttemptDecision[]
  readonly uploads: readonly UploadDecision[]
}): Pick<RetentionPlan, 'attempts' | 'uploads'> {
  return {
    attempts: unfinished.attempts.map(({ attempt, state }) => ({
      attempt,
      state: state === 'lost-manifest' ? state : 'alive',
    })),
    uploads: unfinished.uploads.map(({ upload }) => ({ upload, state: 'alive' })),
  }
}

function noticesOf(
  name: string,
  decisions: readonly Decision[],
  { counting, least, all }: Floor,
  { minKeep }: RetentionPolicy,
): string[] {
  const future = decisions.filter(({ reasons }) => reasons.some(({ kind }) => kind === 'future')).length
  return [
    ...(counting === 'all' && decisions.length > 0 && minKeep < UNVERIFIED_MIN_KEEP
      ? [`Nothing of "${name}" was ever verified, so at least ${least} backups stay. Run restore-verify.`]
      : []),
    ...(counting === 'verified' && all
      ? [`"${name}" has fewer than ${least} verified backups, so nothing of it goes. Verify more of them.`]
      : []),
    ...(future > 0
      ? [
          `${future} backup(s) of "${name}" are dated in the future: a clock was wrong. They stay, and count for nothing.`,
        ]
      : []),
  ]
}
