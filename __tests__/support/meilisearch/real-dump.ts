import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MeilisearchTarget } from '../meilisearch-target.ts'

const REAL = join(import.meta.dirname, '../../fixtures/meilisearch/server.dump')

/** Files of a dump, by name, as the system's own tar unpacks them. */
export function filesOfDump(path: string = REAL): ReadonlyMap<string, string> {
  const place = mkdtempSync(join(tmpdir(), 'lifeboat-dump-'))
  try {
    execFileSync('tar', ['-xzf', path, '-C', place])
    const names = readdirSync(place, { recursive: true, encoding: 'utf8' }).sort()
    return new Map(
      names
        .filter((name) => statSync(join(place, name)).isFile())
        .map((name) => [name, readFileSync(join(place, name), 'utf8')]),
    )
  } finally {
    rmSync(place, { recursive: true })
  }
}

export const REAL_DUMP = REAL

/** Fields of settings that dumps have and the API shows only with experimental features. */
export const HIDDEN_SETTINGS = ['foreignKeys', 'chat']

/** Puts what the real dump holds into a server: indexes with settings and documents, keys, features. */
export async function loadRealDump(target: MeilisearchTarget): Promise<void> {
  const { client, url, masterKey } = target
  const files = filesOfDump()
  for (const [name, text] of files) {
    const uid = /^indexes\/([^/]+)\/metadata\.json$/.exec(name)?.[1]
    if (uid === undefined) continue
    const { primaryKey } = JSON.parse(text) as { primaryKey: string | null }
    await target.done(client.createIndex(uid, primaryKey))
    const settings = JSON.parse(files.get(`indexes/${uid}/settings.json`) ?? '') as Record<string, unknown>
    const shown = Object.fromEntries(
      Object.entries(settings).filter(([key]) => !HIDDEN_SETTINGS.includes(key)),
    )
    await target.done(client.updateSettings(uid, JSON.stringify(shown)))
    const documents = files.get(`indexes/${uid}/documents.jsonl`) ?? ''
    if (documents !== '') await target.done(client.addDocuments(uid, Buffer.from(documents)))
  }
  // Newest first, so the other way round.
  for (const line of (files.get('keys.jsonl') ?? '').trim().split('\n').toReversed()) {
    const { expires_at: expiresAt, name, ...key } = JSON.parse(line) as Record<string, unknown>
    if (String(name).startsWith('Default ')) continue
    const { created_at: _c, updated_at: _u, ...given } = key
    const response = await fetch(`${url}/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...given, ...(name === undefined ? {} : { name }), expiresAt }),
    })
    if (!response.ok) throw new Error(await response.text())
  }
  await client.patch(
    '/experimental-features',
    '{"metrics":true,"containsFilter":true}',
    'experimental.update',
  )
}
