import { createReadStream } from 'node:fs'
import { stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import type { MeilisearchClient } from './client.ts'
import { inspectArchive, type InspectedArchive } from './inspect-archive.ts'
import { followTask } from './task.ts'
import { assertRights } from './try-rights.ts'

/** A dump that the server made, where we can reach it. Whoever is done with it removes it from the server's disk. */
export interface ServerDump extends AsyncDisposable {
  readonly path: string
  readonly bytes: number
  readonly inspected: InspectedArchive
  open(): AsyncIterable<Uint8Array>
}

export interface ServerDumpOptions {
  readonly directory: string
  readonly clock: Clock
  readonly log: Log
  /** The longest that the server may take. */
  readonly limitMs: number
  /** How long a file may take to be seen on a shared volume. */
  readonly appearMs?: number
}

const APPEAR_MS = 10_000
const LOOK_MS = 250

/**
 * Has the server make a dump, follows it to its end, finds the file, and reads it through. Throws `meilisearch` where the
 * task failed, or succeeded with no file that we can reach, `stall` after the limit, `damaged` where the file is not whole.
 */
export async function makeServerDump(
  client: MeilisearchClient,
  options: ServerDumpOptions,
): Promise<ServerDump> {
  const { directory, clock, log, limitMs, appearMs = APPEAR_MS } = options
  await assertDumpFolder(directory)
  // A dump that nobody can follow would stay on the server's disk.
  await assertRights(client, 'server-dump')
  const task = await followTask(client, await client.createDump(), {
    what: 'a dump',
    clock,
    limitMs,
    progress: ({ status, percent }) =>
      log.info(
        `The server's dump: ${status}${percent === undefined ? '' : `, ${percent.toFixed(0)} % of its batch`}.`,
      ),
  })
  const dumpUid = task.details?.['dumpUid']
  if (typeof dumpUid !== 'string' || !/^[\w-]+$/.test(dumpUid)) {
    throw new LifeboatError(
      'meilisearch',
      `Meilisearch at ${client.host} says that its dump succeeded, but not what it is called.`,
      {
        hint: 'Look at the task in its queue (GET /tasks). Without meili-dump-dir the backup is built from the API.',
      },
    )
  }
  const path = join(directory, `${dumpUid}.dump`)
  const bytes = await appeared(path, { client, directory, appearMs })
  log.info(`${path}: ${bytes} bytes. It is read through before it is stored.`)
  const open = (): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: 256 * 1024 })
  const remove = (): Promise<void> => removeDump(path, log)
  try {
    return { path, bytes, inspected: await inspectArchive(open()), open, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function removeDump(path: string, log: Log): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    log.warning(
      `${path} stays on the server's disk (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): remove old dumps there, or it fills up.`,
    )
  }
}

/** Throws `input` where the server's folder is none on this machine. */
export async function assertDumpFolder(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined)
  if (found?.isDirectory()) return
  throw new LifeboatError('input', `meili-dump-dir: ${directory} is no folder on this machine.`, {
    hint: 'It is the folder that the server writes dumps to (--dump-dir), as this machine sees it: a shared volume, or the same machine. Without it the backup is built from the API.',
  })
}

async function appeared(
  path: string,
  { client, directory, appearMs }: { client: MeilisearchClient; directory: string; appearMs: number },
): Promise<number> {
  for (let waited = 0; ; waited += LOOK_MS) {
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile() && found.size > 0) return found.size
    client.signal.throwIfAborted()
    if (waited >= appearMs) break
    await sleep(Math.min(LOOK_MS, appearMs), undefined, { signal: client.signal })
  }
  throw new LifeboatError(
    'meilisearch',
    `Meilisearch at ${client.host} says that its dump succeeded, but there is no ${path}.`,
    {
      hint:
        `Is ${directory} the folder that the server writes to (--dump-dir, MEILI_DUMP_DIR), seen from this machine, and may this user read it? ` +
        'A server in another container writes into its own. Without meili-dump-dir the backup is built from the API.',
    },
  )
}
