import type { Choice } from '../catalog/choose.ts'
import { parseIdentities } from '../pipeline/age/identities.ts'
import { attempts } from './attempts.ts'
import type { Given } from './given.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import { parseBytes, parseCount, parseDuration } from './quantities.ts'
import type { PostgresVerifyRequest, RestoreRequest, StoreRequest } from './request.ts'
import { parseSettings, type Settings } from './settings.ts'
import { readStore, type Remarks } from './store.ts'
import { readChoice } from './which-backup.ts'

/** What every command needs that proves a backup or brings one back, whatever its source. */
export interface RestoreBasics {
  readonly store: StoreRequest
  readonly prefix: string
  readonly choice: Choice
  /** Of an archive without a manifest, complete: then `choice` says nothing. */
  readonly key: string | undefined
  readonly identities: readonly string[]
  readonly remarks: Remarks
}

/** Undefined where `problems` says what is wrong. */
export function readRestoreBasics(given: Given, problems: Problems): RestoreBasics | undefined {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = attempts(given, problems)
  const store = readStore(given, problems, remarks)
  const prefix = attempt('prefix', parsePrefix)
  const choice = readChoice(given, problems)
  const key = given.value('key')
  for (const name of ['name', 'backup-id', 'before'].filter((each) => given.value(each) !== undefined)) {
    if (key !== undefined) problems.add(name, 'contradicts key, which names one object. Remove one of them.')
  }
  const identities = attempt('age-identities', parseIdentities) ?? []
  if (!store || prefix === undefined) return undefined
  return { store, prefix, choice, key, identities, remarks }
}

/** What a restore brings back. */
export function whatOf({ key, choice }: RestoreBasics): RestoreRequest['what'] {
  return key === undefined ? { kind: 'backup', choice } : { kind: 'key', key }
}

export const TARGETS = {
  recipients: (text: string) => parseCount(text, { least: 1, most: 100 }),
  rto: parseDuration,
}
const LIMITS = {
  stall: parseDuration,
  retries: (text: string) => parseCount(text, { least: 0, most: 20 }),
  memory: parseBytes,
}
/** As `limits` of a backup. */
const STALL_MS = 600_000
const RETRIES = 11

/** What a verification is measured by, and how long it waits; `readers` where there are more targets. */
export function readMeasures(
  given: Given,
  problems: Problems,
  readers: typeof TARGETS = TARGETS,
): Pick<PostgresVerifyRequest, 'stallMs' | 'retries' | 'mostMemory'> & {
  readonly targets: Settings<typeof TARGETS>
} {
  const attempt = attempts(given, problems)
  const targets = attempt('targets', (text) => parseSettings(text, readers)) ?? {}
  // The default is a backup's, and names limits that a verification does not have.
  const limits =
    given.origin('limits') === 'default'
      ? {}
      : (attempt('limits', (text) => parseSettings(text, LIMITS)) ?? {})
  return {
    targets,
    stallMs: limits.stall ?? STALL_MS,
    retries: limits.retries ?? RETRIES,
    mostMemory: limits.memory,
  }
}
