import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withVectors, type StoredIndex } from './database.ts'
import type { StoredKey } from './keys.ts'

/** Writes what the server's own dump holds, by way of the system's tar: `<folder>/<dumpUid>.dump`. */
export async function writeServerDump(
  folder: string,
  dumpUid: string,
  content: {
    readonly version: string
    readonly time: string
    readonly indexes: ReadonlyMap<string, StoredIndex>
    readonly keys: readonly StoredKey[]
    readonly features: Readonly<Record<string, boolean>>
  },
): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), 'server-dump-'))
  const write = (name: string, text: string): Promise<void> => writeFile(join(place, name), text)
  try {
    await Promise.all(['indexes', 'tasks', 'batches'].map((name) => mkdir(join(place, name))))
    await write(
      'metadata.json',
      JSON.stringify({ dumpVersion: 'V6', dbVersion: content.version, dumpDate: content.time }),
    )
    await write('keys.jsonl', lines(content.keys.map(keyForDump)))
    await write('tasks/queue.jsonl', '')
    await write('batches/queue.jsonl', '')
    await write('experimental-features.json', JSON.stringify(content.features))
    await write('webhooks.json', '{"webhooks":{}}')
    for (const [uid, index] of content.indexes) {
      const { primaryKey, createdAt, updatedAt, settings, documents } = index
      await mkdir(join(place, 'indexes', uid))
      await write(`indexes/${uid}/metadata.json`, JSON.stringify({ uid, primaryKey, createdAt, updatedAt }))
      // Keys of embedders in clear.
      await write(`indexes/${uid}/settings.json`, JSON.stringify(settings))
      await write(`indexes/${uid}/documents.jsonl`, lines([...documents.values()].map(withVectors)))
    }
    await promisify(execFile)('tar', ['-czf', join(folder, `${dumpUid}.dump`), '-C', place, '.'])
  } finally {
    await rm(place, { recursive: true })
  }
}

function keyForDump({
  description,
  name,
  uid,
  actions,
  indexes,
  expiresAt,
  createdAt,
  updatedAt,
}: StoredKey): object {
  return {
    ...(description === null ? {} : { description }),
    ...(name === null ? {} : { name }),
    uid,
    actions,
    indexes,
    expires_at: expiresAt,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

function lines(items: readonly unknown[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('')
}
