import { LifeboatError } from '../errors.ts'
import { parseRecipients } from '../pipeline/age/recipients.ts'
import { attempts } from './attempts.ts'
import type { Given } from './given.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import { parseBytes, parseCount, parseDuration, parsePercentage } from './quantities.ts'
import type { Limits, MaxShrink, StoreRequest, Targets } from './request.ts'
import type { Settings } from './settings.ts'
import { parseSettings } from './settings.ts'
import type { Remarks } from './store.ts'
import { readStore } from './store.ts'

const MIB = 2 ** 20
const HOUR = 3_600_000

const MAX_SHRINK = { warn: parsePercentage, fail: parsePercentage }
const LIMITS = {
  part: within(parseBytes, { least: 5 * MIB, most: 1024 * MIB, range: '5MiB to 1GiB' }),
  stall: within(parseDuration, { least: 1_000, most: 24 * HOUR, range: '1s to 24h' }),
  snapshot: within(parseDuration, { least: 1_000, most: 30 * 24 * HOUR, range: '1s to 30d' }),
  lock: within(parseDuration, { least: 1_000, most: HOUR, range: '1s to 1h' }),
  yield: within(parseDuration, { least: 1_000, most: 24 * HOUR, range: '1s to 24h' }),
  retries: (text: string) => parseCount(text, { least: 0, most: 20 }),
}
const TARGETS = { recipients: (text: string) => parseCount(text, { least: 1, most: 100 }) }

/** What every backup needs, whatever its source. */
export interface BackupBasics {
  readonly store: StoreRequest
  readonly prefix: string
  readonly recipients: readonly string[]
  readonly maxShrink: MaxShrink
  readonly limits: Limits
  readonly targets: Targets
  /** The `name` input. */
  readonly name: string | undefined
  readonly remarks: Remarks
}

/** Undefined where `problems` says what is wrong. */
export function readBasics(given: Given, problems: Problems): BackupBasics | undefined {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = attempts(given, problems)
  const store = readStore(given, problems, remarks)
  const prefix = attempt('prefix', parsePrefix)
  const recipients = readRecipients(given, problems)
  const name = attempt('name', parseName)
  const maxShrink = attempt('max-shrink', (text) => readMaxShrink(text, given.standard('max-shrink') ?? ''))
  const limits = attempt('limits', (text) => readLimits(text, given.standard('limits') ?? ''))
  const targets = attempt('targets', (text) => parseSettings(text, TARGETS)) ?? {}
  if (store?.kind === 'directory' && limits?.partBytes !== undefined) {
    problems.add('limits', 'part=… has no meaning where bucket is a directory. Remove it.')
  }
  if (
    recipients !== undefined &&
    targets.recipients !== undefined &&
    recipients.length < targets.recipients
  ) {
    problems.add(
      given.label('age-recipients'),
      `names ${recipients.length} recipient(s), but targets asks for at least ${targets.recipients}. Add one, or lower the target.`,
    )
  }
  if (!(store && recipients && maxShrink && limits) || prefix === undefined) return undefined
  return { store, prefix, recipients, maxShrink, limits, targets, name, remarks }
}

/** Public keys; empty where `none` was asked for. What is wrong or missing is in `problems`. */
export function readRecipients(given: Given, problems: Problems): readonly string[] | undefined {
  const text = given.value('age-recipients')
  const label = given.label('age-recipients')
  if (text === undefined) {
    problems.add(
      'age-recipients',
      'is missing. Make a key with `age-keygen -o key.txt`, keep key.txt somewhere safe and away from GitHub, and ' +
        'give the line that begins with age1 (or put it into AGE_RECIPIENT). For a backup that everybody who can ' +
        'read the bucket can read, write age-recipients: none.',
    )
    return undefined
  }
  if (text === 'none') return []
  if (text.split(/[\s,]+/).includes('none')) {
    problems.add(
      label,
      'holds "none" beside recipients. Remove "none" to encrypt, or everything else not to.',
    )
    return undefined
  }
  return problems.attempt(label, () => parseRecipients(text))
}

function parseName(text: string): string {
  if (!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text) && Buffer.byteLength(text) <= 100) return text
  throw new LifeboatError('input', 'holds a character that cannot be seen, or more than 100 bytes.', {
    hint: 'Write a short name of letters, digits and hyphens: shop.',
  })
}

function readMaxShrink(text: string, standard: string): MaxShrink {
  const asked = parseSettings(text, MAX_SHRINK)
  const usual = parseSettings(standard, MAX_SHRINK).warn ?? 1
  const warn = asked.warn ?? Math.min(usual, asked.fail ?? usual)
  if (asked.fail === undefined) return { warn }
  if (asked.fail < warn) {
    throw new LifeboatError('input', 'fail is smaller than warn.', {
      hint: 'Write for example warn=50% fail=90%.',
    })
  }
  return { warn, fail: asked.fail }
}

function readLimits(text: string, standard: string): Limits {
  const {
    part,
    stall,
    snapshot,
    lock,
    yield: yielding,
    retries,
  }: Settings<typeof LIMITS> = {
    ...parseSettings(standard, LIMITS),
    ...parseSettings(text, LIMITS),
  }
  if (stall === undefined || snapshot === undefined || retries === undefined) {
    throw new TypeError('the default of limits lacks one')
  }
  return {
    ...(part !== undefined && { partBytes: part }),
    stallMs: stall,
    snapshotMs: snapshot,
    ...(lock !== undefined && { lockWaitMs: lock }),
    ...(yielding !== undefined && { yieldMs: yielding }),
    retries,
  }
}

function within(
  parse: (text: string) => number,
  { least, most, range }: { least: number; most: number; range: string },
): (text: string) => number {
  return (text) => {
    const value = parse(text)
    if (value >= least && value <= most) return value
    throw new LifeboatError('input', `"${text}" is out of range.`, { hint: `It goes from ${range}.` })
  }
}
