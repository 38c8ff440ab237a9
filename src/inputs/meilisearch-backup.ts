import { LifeboatError } from '../errors.ts'
import { isExposed } from '../meilisearch/exposed.ts'
import { parseCompression } from '../pipeline/compression.ts'
import { readBasics } from './backup-basics.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'
import type { LiveSearchServer, MeilisearchBackupRequest } from './request.ts'
import { parseSearchServer } from './search-server.ts'
import { maskingWarnings } from './secrets.ts'

/** What the backup is called where nobody says otherwise. */
const NAME = 'meilisearch'

export const HOST_MISSING =
  'is missing or empty. Give the address of the server (meili-host: https://search.example.com, or MEILI_HOST in the environment).'

/** Reads all that a backup of Meilisearch needs; throws `input` with everything that is wrong. */
export function readMeilisearchBackup(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): MeilisearchBackupRequest {
  const attempt = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = given.value(name)
    return text === undefined ? undefined : problems.attempt(given.label(name), () => parse(text))
  }
  const basics = readBasics(given, problems)
  const live = readLiveServer(given, problems)
  if (given.value('meili-host') === undefined) problems.add('meili-host', HOST_MISSING)
  const allowInconsistent = attempt('allow-inconsistent', parseSwitch)
  if (problems.any) throw problems.failure()
  if (!basics || !live || allowInconsistent === undefined) {
    throw new TypeError('an input is neither there nor wrong')
  }
  const { remarks, name = NAME, ...others } = basics
  return {
    command: 'backup',
    source: 'meilisearch',
    ...others,
    name,
    ...live,
    allowInconsistent,
    // A dump is compressed already.
    compression: parseCompression('none'),
    secrets,
    notices: remarks.notices,
    warnings: [
      ...remarks.warnings,
      ...exposed(live.server.host),
      ...maskingWarnings(secrets, [others.prefix, name]),
    ],
  }
}

/** The server that is backed up; undefined where it is not given, or `problems` says what is wrong with it. */
export function readLiveServer(given: Given, problems: Problems): LiveSearchServer | undefined {
  const attempt = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = given.value(name)
    return text === undefined ? undefined : problems.attempt(given.label(name), () => parse(text))
  }
  const host = attempt('meili-host', parseSearchServer)
  const dumpDirectory = attempt('meili-dump-dir', parseFolder)
  const apiKey = given.value('meili-api-key')
  if (host === undefined) return undefined
  return {
    server: { host, ...(apiKey !== undefined && { apiKey }) },
    ...(dumpDirectory !== undefined && { dumpDirectory }),
  }
}

/** The key goes over the network with every request. */
export function exposed(host: string): string[] {
  if (!isExposed(host)) return []
  return [
    `${host} is not encrypted (http): who is on the network between reads the API key and all documents. Use https:// where the server offers it.`,
  ]
}

function parseFolder(text: string): string {
  if (/^\/[^\0]*$/.test(text)) return text.replace(/(?<=.)\/+$/, '')
  throw new LifeboatError('input', 'is not an absolute path.', {
    hint: 'Write the folder of --dump-dir as this machine sees it: /srv/meilisearch/dumps.',
  })
}

function parseSwitch(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new LifeboatError('input', `"${text}" is neither true nor false.`)
}
