import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { z } from 'zod'
import { advice, failed, failedBy, passed, type Examination, type Finding } from '../catalog/finding.ts'
import { meilisearchClient, type MeilisearchClient } from './client.ts'
import { parseAnswer } from './parse-answer.ts'
import { examineKey } from './examine-key.ts'
import { isExposed } from './exposed.ts'
import type { HttpOptions } from './http.ts'
import { assertDumpFolder } from './server-dump.ts'

export interface SearchExamination {
  readonly server: Omit<HttpOptions, 'signal'>
  /** Where the server writes its dumps, seen from here; undefined: a backup is built from the API. */
  readonly dumpDirectory: string | undefined
  readonly now: () => Date
}

/** Whether a Meilisearch server can be backed up from here, with this key. Changes nothing. */
export function searchExamination(options: SearchExamination): Examination {
  return { area: 'Meilisearch', examine: (signal) => examine(options, signal) }
}

async function* examine(
  { server, dumpDirectory, now }: SearchExamination,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  yield encryption(server.host)
  const client = meilisearchClient({ ...server, signal })
  try {
    await assertHealthy(client)
  } catch (error) {
    yield failedBy('reachable', error)
    return
  }
  yield passed('reachable', `${client.host} says that it is available.`)
  yield* examineKey(client, { apiKey: server.apiKey, makesDumps: dumpDirectory !== undefined, now: now() })
  if (dumpDirectory !== undefined) yield await dumpFolder(dumpDirectory)
}

function encryption(host: string): Finding {
  const name = 'TLS'
  if (host.startsWith('https:')) return passed(name, 'the connection is encrypted (https).')
  if (!isExposed(host)) {
    return passed(name, 'none, and none is needed: the server is on this machine or in a private network.')
  }
  return failed(
    name,
    `${host} is not encrypted: who is on the network between reads the API key and all documents.`,
    'Give meili-host with https://, and let the server, or a proxy before it, offer that.',
  )
}

async function assertHealthy(client: MeilisearchClient): Promise<void> {
  const asked = { method: 'GET', path: '/health', host: client.host }
  const body = await client.read(asked.path, 'none')
  parseAnswer(asked, body, z.object({ status: z.literal('available') }))
}

async function dumpFolder(directory: string): Promise<Finding> {
  const name = 'meili-dump-dir'
  try {
    await assertDumpFolder(directory)
  } catch (error) {
    return failedBy(name, error)
  }
  if (!(await may(directory, constants.R_OK | constants.X_OK))) {
    return failed(
      name,
      `${directory} may not be read by this user.`,
      'Let the user that runs this step read the folder and what the server writes there, or leave meili-dump-dir out.',
    )
  }
  if (!(await may(directory, constants.W_OK))) {
    return advice(
      name,
      `${directory} can be read, and nothing can be removed there.`,
      'Let this user write there too: else every dump stays on the server until its disk is full.',
    )
  }
  return passed(name, `${directory} can be read and written. That the server writes there, a backup shows.`)
}

async function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}
