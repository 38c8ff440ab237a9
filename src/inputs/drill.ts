import { LifeboatError } from '../errors.ts'
import { attempts } from './attempts.ts'
import { parseEndpoint } from './endpoint.ts'
import type { Given } from './given.ts'
import { exposed } from './meilisearch-backup.ts'
import { readTarget } from './meilisearch-restore.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import { parseDuration } from './quantities.ts'
import type { DrilledSearch, DrillRequest } from './request.ts'
import { TARGETS } from './restore-basics.ts'
import { readRestoreVerify } from './restore-verify.ts'
import { parseEmbedderKeys, parseSearchServer } from './search-server.ts'
import { parseSettings } from './settings.ts'
import { listed } from './values.ts'

const HOUR = 3_600_000
const DATABASE_RTO_MS = 2 * HOUR
const SEARCH_RTO_MS = HOUR / 2
const TOTAL_MS = 4 * HOUR
const DRILL_TARGETS = { ...TARGETS, search: parseDuration, total: parseDuration }
/** As the table of inputs has it for `source: meilisearch`; `prefix` itself is that of the databases here. */
const SEARCH_PREFIX = { variable: 'MEILI_BACKUP_PREFIX', standard: 'meili/' }

/** Reads all that `drill` needs; throws `input` with everything that is wrong. */
export function readDrill(given: Given, secrets: readonly string[], problems: Problems): DrillRequest {
  const reportText = given.value('report')
  const reports =
    reportText === undefined ? [] : (problems.attempt('report', () => parseReports(reportText)) ?? [])
  const issues = readTracker(given, problems)
  const search = readSearch(given, problems)
  // Everything else is a verification's, and so are its complaints.
  const verification = readRestoreVerify(given, secrets, problems, DRILL_TARGETS)
  const targets = given.value('targets')
  const asked = targets === undefined ? {} : parseSettings(targets, DRILL_TARGETS)
  return {
    ...verification,
    command: 'drill',
    extras: [...new Set([...verification.extras, 'negative-control' as const])],
    targets: { ...verification.targets, rto: verification.targets.rto ?? DATABASE_RTO_MS },
    totalMs: asked.total ?? TOTAL_MS,
    ...(search && { search: { ...search, rtoMs: asked.search ?? SEARCH_RTO_MS } }),
    reports,
    ...(issues && { issues }),
    warnings: [...verification.warnings, ...(search?.target ? exposed(search.target.host) : [])],
  }
}

/** There is search where a server for it is given, where one is backed up, or where it is to be rebuilt. */
function readSearch(given: Given, problems: Problems): Omit<DrilledSearch, 'rtoMs'> | undefined {
  const attempt = attempts(given, problems)
  const target = readTarget(given, problems)
  const liveHost = attempt('meili-host', parseSearchServer)
  const embedderKeys = attempt('meili-embedder-keys', parseEmbedderKeys) ?? new Map<string, string>()
  const declarations = given.value('reindex')
  const { variable, standard } = SEARCH_PREFIX
  const prefix = problems.attempt(variable, () => parsePrefix(given.variable(variable) ?? standard))
  if (target && target.host === liveHost) {
    problems.add(
      'target-meili-host',
      'is the server that is backed up (MEILI_HOST). A drill fills it and empties it again: give an empty one of its own, for example a service container.',
    )
  }
  if (declarations !== undefined && given.value('target-meili-host') === undefined) {
    problems.add(
      'target-meili-host',
      'is missing or empty, and reindex needs a server to build search on. Give an empty one, for example a service container: http://127.0.0.1:7700.',
    )
  }
  if (declarations === undefined && given.value('meili-embedder-keys') !== undefined) {
    problems.add('meili-embedder-keys', 'is of use only with reindex. Remove it, or give reindex.')
  }
  if (target === undefined && liveHost === undefined && declarations === undefined) return undefined
  return {
    prefix: prefix ?? standard,
    ...(target && { target }),
    ...(liveHost !== undefined && { liveHost }),
    ...(declarations !== undefined && { rebuilt: { declarations, embedderKeys } }),
  }
}

function parseReports(text: string): string[] {
  const paths = listed(text)
  if (paths.length > 0 && paths.every((path) => /[^/]\.(html|json)$/.test(path) && !path.includes('\0')))
    return paths
  throw new LifeboatError('input', 'is not the path of a .html or .json file.', {
    hint: 'Write for example report: drill.html, or both: drill.html, drill.json.',
  })
}

/** Where a failed drill is told of; undefined where no token is given. */
function readTracker(given: Given, problems: Problems): DrillRequest['issues'] {
  const token = given.value('github-token')
  if (token === undefined) return undefined
  const repository = given.variable('GITHUB_REPOSITORY') ?? ''
  const api = given.variable('GITHUB_API_URL') ?? 'https://api.github.com'
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    problems.add(
      'github-token',
      'needs the repository that issues are opened in: GITHUB_REPOSITORY is empty here.',
    )
  }
  problems.attempt('GITHUB_API_URL', () => checkApi(api))
  return { api: api.replace(/\/+$/, ''), repository, token }
}

/** A server of one's own has a path behind its name (`/api/v3`); else it is as the address of a store. */
function checkApi(text: string): void {
  if (!URL.canParse(text)) throw new LifeboatError('input', 'is no address.')
  if (parseEndpoint(new URL(text).origin).exposed) {
    throw new LifeboatError('input', 'is not encrypted, and a token goes there.', { hint: 'Use https://.' })
  }
}
