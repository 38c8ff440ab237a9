import { LifeboatError } from '../errors.ts'
import { parseEndpoint } from './endpoint.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'
import { parseDuration } from './quantities.ts'
import type { DrillRequest } from './request.ts'
import { readRestoreVerify, TARGETS } from './restore-verify.ts'
import { parseSettings } from './settings.ts'

const HOUR = 3_600_000
const DATABASE_RTO_MS = 2 * HOUR
const TOTAL_MS = 4 * HOUR
const DRILL_TARGETS = { ...TARGETS, total: parseDuration }

/** Reads all that `drill` needs; throws `input` with everything that is wrong. */
export function readDrill(given: Given, secrets: readonly string[], problems: Problems): DrillRequest {
  const reportText = given.value('report')
  const reports =
    reportText === undefined ? [] : (problems.attempt('report', () => parseReports(reportText)) ?? [])
  const issues = readTracker(given, problems)
  // Everything else is a verification's, and so are its complaints.
  const verification = readRestoreVerify(given, secrets, problems, DRILL_TARGETS)
  const targets = given.value('targets')
  const { total } = targets === undefined ? {} : parseSettings(targets, DRILL_TARGETS)
  return {
    ...verification,
    command: 'drill',
    extras: [...new Set([...verification.extras, 'negative-control' as const])],
    targets: { ...verification.targets, rto: verification.targets.rto ?? DATABASE_RTO_MS },
    totalMs: total ?? TOTAL_MS,
    reports,
    ...(issues && { issues }),
  }
}

function parseReports(text: string): string[] {
  const paths = text
    .split(/[,\n]/)
    .map((path) => path.trim())
    .filter((path) => path !== '')
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
