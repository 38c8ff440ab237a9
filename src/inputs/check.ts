import { LifeboatError } from '../errors.ts'
import { parseRecipients } from '../pipeline/age/recipients.ts'
import { attempts } from './attempts.ts'
import { readSource } from './catalog-request.ts'
import type { Given } from './given.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import { parseCount, parseDuration } from './quantities.ts'
import { readReplica } from './replica.ts'
import type { CheckRequest } from './request.ts'
import { readRetention } from './retention.ts'
import { maskingWarnings } from './secrets.ts'
import { parseSettings } from './settings.ts'
import { readStore, type Remarks } from './store.ts'

const TARGETS = {
  rpo: parseDuration,
  gap: parseDuration,
  rto: parseDuration,
  verified: parseDuration,
  replica: parseDuration,
  recipients: (text: string) => parseCount(text, { least: 1, most: 100 }),
}

/** What `targets` of `check` are where nothing else is said: one backup a day, with two hours for what runs late. */
export const CHECK_TARGETS = 'rpo=26h rto=2h'

/** Reads all that `check` needs; throws `input` with everything that is wrong. */
export function readCheck(given: Given, secrets: readonly string[], problems: Problems): CheckRequest {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = attempts(given, problems)
  const store = readStore(given, problems, remarks)
  const prefix = attempt('prefix', parsePrefix)
  const replica = readReplica(given, { store, prefix }, problems, remarks)
  const source = readSource(given, problems)
  const retention = readRetention(given, problems)
  const targets = problems.attempt('targets', () => parseTargets(given.value('targets') ?? ''))
  const recipients = attempt('age-recipients', (text) => (text === 'none' ? [] : parseRecipients(text)))
  const expireDays = attempt('expire-days', (text) => parseCount(text, { least: 1, most: 36_500 }))
  if (expireDays !== undefined && store?.kind === 'directory') {
    problems.add(
      'expire-days',
      'is for a bucket, and bucket names a directory, which has no lifecycle rules. Remove it.',
    )
  }
  if (targets?.replicaMs !== undefined && given.value('replica') === undefined) {
    problems.add(
      'targets',
      'replica=… is how far a second store may be behind, and replica names none. Give its URL.',
    )
  }
  const reports = attempt('report', parseReports) ?? {}
  const name = given.value('name')
  if (problems.any) throw problems.failure()
  if (!store || prefix === undefined || !source || !retention || !targets) {
    throw new TypeError('an input is neither there nor wrong')
  }
  return {
    command: 'check',
    source,
    store,
    prefix,
    ...(replica !== undefined && { replica }),
    ...(name !== undefined && { name }),
    retention,
    targets,
    ...(recipients !== undefined && { recipients }),
    ...(expireDays !== undefined && { expireDays }),
    reports,
    secrets,
    notices: remarks.notices,
    warnings: [...remarks.warnings, ...maskingWarnings(secrets, [prefix, replica?.prefix ?? '', name ?? ''])],
  }
}

function parseTargets(text: string): CheckRequest['targets'] {
  const asked = { ...parseSettings(CHECK_TARGETS, TARGETS), ...parseSettings(text, TARGETS) }
  const { rpo = 0, rto = 0, gap = rpo, verified, replica, recipients } = asked
  for (const [key, value] of Object.entries({ rpo, rto, gap, verified, replica })) {
    if (value === undefined || value >= 1_000) continue
    throw new LifeboatError('input', `${key} is shorter than a second.`, {
      hint: 'Write for example rpo=26h rto=2h verified=8d recipients=2.',
    })
  }
  return {
    rpoMs: rpo,
    gapMs: gap,
    rtoMs: rto,
    ...(verified !== undefined && { verifiedMs: verified }),
    ...(replica !== undefined && { replicaMs: replica }),
    ...(recipients !== undefined && { recipients }),
  }
}

/** One or two paths: the ending says what is written there. */
function parseReports(text: string): CheckRequest['reports'] {
  const paths = text
    .split(/[,\n]/)
    .map((path) => path.trim())
    .filter((path) => path !== '')
  const ending = (kind: string): string[] => paths.filter((path) => new RegExp(`[^/]\\.${kind}$`).test(path))
  const html = ending('html')
  const json = ending('json')
  if (paths.length === 0 || html.length + json.length < paths.length || text.includes('\0')) {
    throw new LifeboatError('input', 'is not the path of an .html or .json file.', {
      hint: 'Write for example report: backups.html, or both: backups.html, backups.json.',
    })
  }
  if (html.length > 1 || json.length > 1) {
    throw new LifeboatError('input', 'names two files of one kind.', {
      hint: 'Give at most one .html and one .json file.',
    })
  }
  return {
    ...(html[0] !== undefined && { html: html[0] }),
    ...(json[0] !== undefined && { json: json[0] }),
  }
}
