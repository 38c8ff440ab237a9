import type { Clock, Log } from '../catalog/ports.ts'
import type { MeilisearchClient } from './client.ts'
import { dumpEntries, linesOf, type InspectedArchive, type InspectedIndex } from './inspect-archive.ts'
import { batchSender } from './reindex/document-batches.ts'
import { followTask } from './task.ts'

export interface ImportOptions {
  readonly client: MeilisearchClient
  readonly clock: Clock
  readonly log: Log
  /** A task that shows no progress for so long is given up. */
  readonly stallMs: number
  /** What an index is called on the server. */
  readonly nameOf: (uid: string) => string
  /** What is sent as its settings. */
  readonly settingsOf: (index: InspectedIndex) => string
  /** Told of a name before it is made, so that it can be removed again. */
  readonly making: (name: string) => void
  /** Told of every document; the bytes are valid during the call only. */
  readonly sawDocument?: (uid: string, line: Buffer, number: number) => void
}

/** So many bodies may wait in the server's queue. */
const MOST_WAITING = 16
const DOCUMENTS = /^indexes\/([^/]+)\/documents\.jsonl$/

/**
 * Brings the indexes of a dump that `inspected` names into a server by its API: settings first, then documents in bodies
 * that the server takes, every task followed to its end. `open` begins the dump anew: it was inspected before. Throws
 * `meilisearch`, `stall`.
 */
export async function importDump(
  inspected: InspectedArchive,
  open: () => AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<void> {
  const { client, nameOf, settingsOf, making, log } = options
  const follow = async (what: string, task: Promise<number>): Promise<void> => {
    await followTask(client, await task, { what, clock: options.clock, limitMs: options.stallMs })
  }
  for (const index of inspected.indexes) {
    const name = nameOf(index.uid)
    making(name)
    await follow(`making the index "${name}"`, client.createIndex(name, index.primaryKey))
    await follow(`the settings of "${name}"`, client.updateSettings(name, settingsOf(index)))
  }
  log.info(`${inspected.indexes.length} indexes have their settings; now the documents.`)
  const wanted = new Set(inspected.indexes.map(({ uid }) => uid))
  for await (const entry of dumpEntries(open())) {
    const uid = DOCUMENTS.exec(entry.name)?.[1]
    if (uid !== undefined && wanted.has(uid) && entry.size > 0) await pour(uid, linesOf(entry), options)
  }
}

async function pour(uid: string, lines: AsyncIterable<Buffer>, options: ImportOptions): Promise<void> {
  const { client, clock, stallMs, nameOf, sawDocument, log } = options
  const name = nameOf(uid)
  const waiting: number[] = []
  const settleOldest = async (): Promise<void> => {
    const task = waiting.shift()
    if (task === undefined) return
    const what = `adding documents to "${name}"`
    await followTask(client, task, {
      what,
      clock,
      limitMs: stallMs,
      progress: ({ percent }) => {
        if (percent !== undefined) log.status?.(`Index "${uid}": ${percent.toFixed(0)} % of a batch`)
      },
    })
  }
  const sender = batchSender({ uid, todo: ' to that of the server that was backed up' }, async (body) => {
    client.signal.throwIfAborted()
    waiting.push(await client.addDocuments(name, body))
    if (waiting.length >= MOST_WAITING) await settleOldest()
  })
  let number = 0
  for await (const line of lines) {
    sawDocument?.(uid, line, number)
    number += 1
    await sender.add([{ key: `of line ${number}`, text: line.toString('utf8') }])
  }
  await sender.end()
  while (waiting.length > 0) await settleOldest()
  log.info(`Index "${uid}": ${number} documents sent and indexed.`)
}
