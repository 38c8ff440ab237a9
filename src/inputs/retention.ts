import { LifeboatError } from '../errors.ts'
import { attempts } from './attempts.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'
import { parseCount, parseDuration, parsePercentage } from './quantities.ts'
import type { Retention } from './request.ts'
import { parseSettings, type Settings } from './settings.ts'

const HOUR = 3_600_000
const MOST = 100_000

const count = (text: string): number => parseCount(text, { least: 0, most: MOST })
const KEEP = {
  last: count,
  hourly: count,
  daily: count,
  weekly: count,
  monthly: count,
  yearly: count,
  audit: parseDays,
}
/** Without a word of it, records of the audit trail stay so many days. */
const AUDIT_DAYS = 400
const GUARDS = { 'max-delete': parsePercentage, 'max-age': parseAge }

/** What stays; undefined where `problems` says what is wrong. Without `keep`, and only then, an age always holds. */
export function readRetention(given: Given, problems: Problems): Retention | undefined {
  const attempt = attempts(given, problems)
  const keep = given.value('keep') === undefined ? {} : (attempt('keep', parseKeep) ?? 'wrong')
  const days = attempt('retention-days', parseDays)
  const minKeep = attempt('min-keep', (text) => parseCount(text, { least: 1, most: MOST }))
  const guards = attempt('guards', (text) => readGuards(text, given.standard('guards') ?? ''))
  if (keep === 'wrong' || days === undefined || minKeep === undefined || !guards) return undefined
  const isStandard = given.origin('retention-days') === 'default'
  const { audit = AUDIT_DAYS, ...counts } = keep
  const hasCounts = Object.values(counts).some((each) => each > 0)
  return {
    keep: { ...NO_KEEP, ...counts },
    days: hasCounts && isStandard ? undefined : days,
    minKeep,
    auditDays: audit,
    guards,
  }
}

const NO_KEEP: Retention['keep'] = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 }

function parseKeep(text: string): Settings<typeof KEEP> {
  const keep = parseSettings(text, KEEP)
  // Of backups nothing need be said: then an age holds, as without `keep`.
  const { audit, ...counts } = keep
  if (Object.values(counts).some((each) => each > 0)) return keep
  if (audit !== undefined && Object.keys(counts).length === 0) return keep
  throw new LifeboatError('input', 'keeps nothing.', {
    hint: 'Write for example last=7 daily=30 monthly=12, or remove it: then retention-days alone holds.',
  })
}

function parseDays(text: string): number {
  return parseCount(text.replace(/\s*d$/, ''), { least: 1, most: 36_500 })
}

function readGuards(text: string, standard: string): Retention['guards'] {
  const guards = { ...parseSettings(standard, GUARDS), ...parseSettings(text, GUARDS) }
  const maxDelete = guards['max-delete']
  const maxAgeMs = guards['max-age']
  if (maxDelete === undefined || maxAgeMs === undefined)
    throw new TypeError('the default of guards lacks one')
  return { maxAgeMs, maxDelete }
}

function parseAge(text: string): number {
  const age = parseDuration(text)
  if (age >= HOUR && age <= 3_660 * 24 * HOUR) return age
  throw new LifeboatError('input', `"${text}" is out of range.`, { hint: 'It goes from 1h to 3660d.' })
}
