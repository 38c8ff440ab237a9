import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { parseManifest, type MeilisearchManifest } from '../../src/catalog/manifest.ts'
import { backupId } from '../../src/catalog/names.ts'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { elementsOf, memberOf, textOf } from '../../src/meilisearch/json-text.ts'
import { startMeilisearchServer } from '../support/meilisearch-server.ts'
import { meilisearchTarget, type MeilisearchTarget } from '../support/meilisearch-target.ts'
import { filesOfDump, loadRealDump, REAL_DUMP } from '../support/meilisearch/real-dump.ts'

/** The bundle as a runner starts it; against real servers where the environment names them: `meilisearch-target.ts`. */
describe('Meilisearch, from backup to prune', () => {
  let live: MeilisearchTarget
  let keys: KeyPair
  let place: string
  beforeAll(async () => {
    live = await meilisearchTarget()
    keys = await keyPair()
    place = await mkdtemp(join(tmpdir(), 'lifeboat-meili-'))
    await loadRealDump(live)
  })
  afterAll(async () => {
    await live[Symbol.asyncDispose]()
    await rm(place, { recursive: true })
  })

  const step = (inputs: Record<string, string>, env: Record<string, string> = {}): Promise<ActionResult> =>
    runAction({
      inputs: { source: 'meilisearch', bucket: `file://${join(place, 'store')}`, ...inputs },
      env: { AGE_RECIPIENT: keys.recipient, AGE_IDENTITY: keys.identity, ...env },
    })
  const liveEnvironment = (): Record<string, string> => ({
    MEILI_HOST: live.url,
    MEILI_API_KEY: live.masterKey,
  })

  it('backs up, and the archive opens with age and tar alone', async () => {
    const result = await step({ command: 'backup' }, liveEnvironment())
    expect(result.log).toContain('Committed: meili/meilisearch/')
    expect(result.exitCode).toBe(0)
    expect(result.outputs).toMatchObject({ name: 'meilisearch', tables: '5', rows: '125' })
    expect(result.outputs['key']).toMatch(/^meili\/meilisearch\/[^/]+\/meilisearch\.dump\.age$/)
    expect(result.summary).toContain('| Server | Meilisearch 1.')
    expect(result.summary).toContain('NOT in the backup')
    expect(result.leftFiles).toEqual([])

    const store = join(place, 'store')
    const manifestKey = result.outputs['manifest-key'] ?? ''
    const text = await readFile(join(store, manifestKey))
    const manifest = parseManifest(text, manifestKey)
    expect(manifest).toMatchObject({ source: 'meilisearch', contents: { documents: 125, keys: 6 } })
    for (const name of ['products', 'with_key', 'page_0', live.masterKey])
      expect(text.toString()).not.toContain(name)

    await writeFile(join(place, 'key.txt'), keys.identity)
    const dump = join(place, 'opened.dump')
    const stored = join(store, result.outputs['key'] ?? '')
    await promisify(execFile)('age', ['-d', '-i', join(place, 'key.txt'), '-o', dump, stored])
    expect(filesOfDump(dump).get('indexes/pages/documents.jsonl')).toContain('"big":12345678901234567890')
  })

  it('commits nothing where the key is wrong', async () => {
    const result = await step(
      { command: 'backup', name: 'wrong' },
      { ...liveEnvironment(), MEILI_API_KEY: 'not-this-one' },
    )
    expect(result.exitCode).toBe(1)
    expect(result.log).toContain('refuses the key for GET /version')
    expect(result.log.replaceAll('::add-mask::not-this-one', '')).not.toContain('not-this-one')
    const list = await step({ command: 'list', name: 'wrong' })
    expect(JSON.parse(list.outputs['backups'] ?? '')).toEqual([])
  })

  const records = async (): Promise<string[]> =>
    (await readdir(join(place, 'store/meili/meilisearch'), { recursive: true })).filter((file) =>
      /verified-.*\.json$/.test(file),
    )

  it('proves without a server that the archive is whole and what was recorded, and calls that partial', async () => {
    const result = await step({ command: 'restore-verify', name: 'meilisearch' })
    expect(result.log).toContain(
      '5 indexes, 125 documents, every line is JSON. Import into a server: NOT MEASURED',
    )
    expect(result.outputs).toMatchObject({ verdict: 'partial', tables: '5', rows: '125' })
    expect(result.exitCode).toBe(0)
    expect(result.summary).toContain('target-meili-host')
    expect(await records()).toEqual([expect.stringContaining('-partial.json')])
  })

  it('imports into an empty server, compares and searches, records ok, and leaves the server empty', async () => {
    await using scratch = await meilisearchTarget(1)
    const target = { 'target-meili-host': scratch.url, 'target-meili-api-key': scratch.masterKey }
    const result = await step({ command: 'restore-verify', name: 'meilisearch', ...target })
    expect(result.log).toContain(
      'Counts, documents and settings in the archive and on the server are what was recorded.',
    )
    expect(result.log).toMatch(/searches found what they should/)
    expect(result.outputs).toMatchObject({ verdict: 'ok' })
    expect(result.exitCode).toBe(0)
    expect((await records()).some((file) => file.endsWith('-ok.json'))).toBe(true)
    expect(await scratch.client.indexes()).toEqual([])

    await scratch.done(scratch.client.createIndex('mine', 'id'))
    const refused = await step({ command: 'restore-verify', name: 'meilisearch', ...target })
    expect(refused.log).toContain('is not empty: it has 1 indexes')
    expect(refused.exitCode).toBe(1)
    const live = await step(
      { command: 'restore-verify', name: 'meilisearch', 'target-meili-host': scratch.url },
      { MEILI_HOST: `${scratch.url}/` },
    )
    expect(live.log).toContain('target-meili-host: is the server that is backed up')
  })

  it('calls a dump bad in which one digit of one document is another', async () => {
    const folder = join(place, 'store/meili/meilisearch')
    const [id = ''] = await readdir(folder)
    const manifestPath = join(folder, id, 'manifest.json')
    const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as MeilisearchManifest
    const opened = join(place, 'opened.dump')
    const tar = gunzipSync(await readFile(opened))
    const at = tar.indexOf('12345678901234567890')
    tar.write('2', at)
    const changed = gzipSync(tar)
    const store = join(place, 'changed')
    const copy = join(store, 'meili/meilisearch', id)
    await cp(join(folder, id), copy, { recursive: true })
    for (const file of await readdir(copy)) if (file.startsWith('verified-')) await rm(join(copy, file))
    const artifacts = manifest.artifacts.map((each) =>
      each.role === 'dump'
        ? {
            ...each,
            bytes: changed.length,
            plainBytes: changed.length,
            sha256: sha256(changed),
            recipients: [],
          }
        : each,
    )
    await writeFile(join(copy, 'meilisearch.dump.age'), changed)
    await writeFile(join(copy, 'manifest.json'), JSON.stringify({ ...manifest, artifacts }))
    const result = await step({ command: 'restore-verify', bucket: `file://${store}` })
    expect(result.log).toContain('documentsDigest of index pages')
    expect(result.outputs).toMatchObject({ verdict: 'failed', 'failed-check': 'equal' })
    expect(result.exitCode).toBe(1)
  })

  it('restores everything into a server, beside what is there, and swaps it in', async () => {
    await using server = await meilisearchTarget(1)
    const { client } = server
    await server.done(client.createIndex('pages', 'id'))
    await server.done(client.addDocuments('pages', Buffer.from('{"id":"old"}')))
    const host = new URL(server.url).host
    const restore = (more: Record<string, string>): Promise<ActionResult> =>
      step({
        command: 'restore',
        name: 'meilisearch',
        'target-meili-host': server.url,
        'target-meili-api-key': server.masterKey,
        ...more,
      })
    const unconfirmed = await restore({})
    expect(unconfirmed.log).toContain(`target-meili-host leads to "${host}"`)
    const keyless = await restore({ confirm: host })
    expect(keyless.log).toContain('does not have the API keys of 1 embedder(s): with_key-2.remote')
    expect((await client.indexes()).map(({ uid }) => uid)).toEqual(['pages'])

    const result = await restore({
      confirm: host,
      'meili-embedder-keys': 'with_key-2.remote=sk-the-real-key',
    })
    expect(result.log).toContain('5 indexes with 125 documents, each equal to the dump')
    expect(result.log.replace(/^::add-mask::.*$/gm, '')).not.toContain('sk-the-real-key')
    expect(result.exitCode).toBe(0)
    const uids = (await client.indexes()).map(({ uid }) => uid)
    const [old = ''] = uids.filter((uid) => uid.startsWith('pages-lifeboat-'))
    expect(uids.filter((uid) => uid !== old)).toEqual(['empty', 'new', 'pages', 'products', 'with_key-2'])
    expect((await client.documentsPage(old, { offset: 0, limit: 5 })).toString()).toContain('"id":"old"')
    for (const uid of ['pages', 'products', 'with_key-2']) {
      expect([uid, settingsOf(await client.settings(uid))]).toEqual([
        uid,
        settingsOf(await live.client.settings(uid)),
      ])
      const page = { offset: 0, limit: 1000 }
      const [is, was] = [await client.documentsPage(uid, page), await live.client.documentsPage(uid, page)]
      expect([uid, sorted(is)]).toEqual([uid, sorted(was)])
    }
    // A real server shows a part of it only.
    const key = server.standIn ? 'sk-the-real-key' : 'skXXXX...'
    const { settings = JSON.parse((await client.settings('with_key-2')).toString()) as object } =
      server.standIn?.state.indexes.get('with_key-2') ?? {}
    expect(settings).toMatchObject({ embedders: { remote: { apiKey: key } } })
    const keyUids = async (target: MeilisearchTarget): Promise<string[]> =>
      (await target.client.keys()).map(({ uid }) => uid)
    expect(await keyUids(server)).toEqual(expect.arrayContaining(await keyUids(live)))
  })

  it('leaves search as it was where a document is too large for the server, or a task fails', async () => {
    await using server = await startMeilisearchServer()
    server.state.payloadLimit = 100
    const result = await step({
      command: 'restore',
      name: 'meilisearch',
      'target-meili-host': server.url,
      confirm: new URL(server.url).host,
      'meili-embedder-keys': 'with_key-2.remote=waived',
    })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/finds the body of .* too large|is larger/)
    expect([...server.state.indexes.keys()]).toEqual([])
  })

  it('restores a dump that a server made by itself, by its key', async () => {
    await using server = await meilisearchTarget(1)
    const store = join(place, 'by-hand')
    await mkdir(store)
    await cp(REAL_DUMP, join(store, 'search.dump'))
    const result = await step({
      command: 'restore',
      bucket: `file://${store}`,
      key: 'search.dump',
      'target-meili-host': server.url,
      'target-meili-api-key': server.masterKey,
      confirm: new URL(server.url).hostname,
    })
    expect(result.log).toContain('5 indexes with 125 documents, each equal to the dump')
    expect(result.exitCode).toBe(0)
    const shown = JSON.parse((await server.client.settings('with_key-2')).toString()) as object
    expect(shown).toMatchObject({ embedders: { remote: { apiKey: 'skXXXX...' } } })
  })

  it('lists, prunes seven days back and checks what it stored', async () => {
    const folder = join(place, 'store/meili/meilisearch')
    const [newest = ''] = await readdir(folder)
    const manifest = await readFile(join(folder, newest, 'manifest.json'), 'utf8')
    const { snapshot } = JSON.parse(manifest) as MeilisearchManifest
    const older = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((days) => {
      const time = new Date(Date.parse(snapshot.time) - days * 86_400_000 - 3_600_000)
      return { time, id: backupId(time, `00000${days}`) }
    })
    for (const { time, id } of older) {
      await cp(join(folder, newest), join(folder, id), { recursive: true })
      const dated = manifest.replaceAll(newest, id).replaceAll(snapshot.time, time.toISOString())
      await writeFile(join(folder, id, 'manifest.json'), dated)
      // A record counts for the one manifest that it names.
      for (const file of await readdir(join(folder, id)))
        if (file.startsWith('verified-')) {
          const record = await readFile(join(folder, id, file), 'utf8')
          const own = record.replaceAll(newest, id).replaceAll(sha256(manifest), sha256(dated))
          await writeFile(join(folder, id, file), own)
        }
    }
    const ids = async (): Promise<string[]> => {
      const list = await step({ command: 'list' })
      const backups = JSON.parse(list.outputs['backups'] ?? '') as { 'backup-id': string }[]
      return backups.map((each) => each['backup-id'])
    }
    const all = [newest, ...older.map(({ id }) => id)]
    expect(await ids()).toEqual(all)
    const dry = await step({ command: 'prune', 'dry-run': 'true' })
    expect(dry.outputs).toMatchObject({ kept: '7', removed: '3' })
    expect(await ids()).toEqual(all)
    const prune = await step({ command: 'prune' })
    expect(prune.exitCode).toBe(0)
    expect(prune.outputs).toMatchObject({ kept: '7', removed: '3' })
    expect(await ids()).toEqual(all.slice(0, 7))
    expect((await readdir(folder)).sort()).toEqual(all.slice(0, 7).sort())

    const check = await step({ command: 'check', targets: 'rpo=26h verified=8d' })
    expect(JSON.parse(check.outputs['breaches'] ?? '')).toEqual([])
    expect(check.outputs).toMatchObject({ healthy: 'true' })
    expect(check.exitCode).toBe(0)
    const late = await step({ command: 'check', targets: 'rpo=1s' })
    expect(late.outputs).toMatchObject({ healthy: 'false' })
    expect(late.exitCode).toBe(1)
  })
})

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Settings but for the key that is hidden in its own way each time. */
function settingsOf(json: Buffer): unknown {
  return JSON.parse(json.toString(), (key, value: unknown) => (key === 'apiKey' ? undefined : value))
}

/** Documents as text, whatever their order. */
function sorted(page: Buffer): string[] {
  return elementsOf(page, memberOf(page, 'results')?.start)
    .map((span) => textOf(page, span))
    .sort()
}
