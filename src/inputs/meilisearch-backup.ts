import { isExposed } from '../meilisearch/exposed.ts'
import { parseCompression } from '../pipeline/compression.ts'
import { attempts } from './attempts.ts'
import { readBasics } from './backup-basics.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'
import type { LiveSearchServer, MeilisearchBackupRequest } from './request.ts'
import { parseSearchServer } from './search-server.ts'
import { maskingWarnings } from './secrets.ts'
import { folderLike, parseSwitch } from './values.ts'

/** What the backup is called where nobody says otherwise. */
const NAME = 'meilisearch'
const parseDumpFolder = folderLike('/srv/meilisearch/dumps, the folder of --dump-dir as this machine sees it')

export const HOST_MISSING =
  'is missing or empty. Give the address of the server (meili-host: https://search.example.com, or MEILI_HOST in the environment).'

/** Reads all that a backup of Meilisearch needs; throws `input` with everything that is wrong. */
export function readMeilisearchBackup(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): MeilisearchBackupRequest {
  const attempt = attempts(given, problems)
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
  const attempt = attempts(given, problems)
  const host = attempt('meili-host', parseSearchServer)
  const dumpDirectory = attempt('meili-dump-dir', parseDumpFolder)
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
