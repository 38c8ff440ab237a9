import { LifeboatError } from '../errors.ts'
import { attempts } from './attempts.ts'
import { isSource } from './catalog-request.ts'
import type { Given } from './given.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import type { ListRequest } from './request.ts'
import { maskingWarnings } from './secrets.ts'
import { readStore, type Remarks } from './store.ts'

/** Reads all that `list` needs; throws `input` with everything that is wrong. */
export function readList(given: Given, secrets: readonly string[], problems: Problems): ListRequest {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = attempts(given, problems)
  const store = readStore(given, problems, remarks)
  const prefix = attempt('prefix', parsePrefix)
  const source = attempt('source', parseSource)
  const report = attempt('report', parseReport)
  const name = given.value('name')
  if (problems.any) throw problems.failure()
  if (!store || prefix === undefined || source === undefined) {
    throw new TypeError('an input is neither there nor wrong')
  }
  return {
    command: 'list',
    source,
    store,
    prefix,
    ...(name !== undefined && { name }),
    ...(report !== undefined && { report }),
    secrets,
    notices: remarks.notices,
    warnings: [...remarks.warnings, ...maskingWarnings(secrets, [prefix, name ?? ''])],
  }
}

function parseSource(text: string): ListRequest['source'] {
  if (isSource(text)) return text
  throw new LifeboatError('input', `"${text}" is not one of postgres, meilisearch, bucket.`)
}

function parseReport(text: string): string {
  if (/[^/]\.json$/.test(text) && !text.includes('\0')) return text
  throw new LifeboatError('input', 'is not the path of a .json file.', {
    hint: 'Write for example report: backups.json.',
  })
}
