import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm, writeFile, cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { parseManifest, renderManifest } from '../../../src/catalog/manifest.ts'
import { systemClock } from '../../../src/catalog/ports.ts'
import type { Prover } from '../../../src/catalog/proof.ts'
import type { Restorer } from '../../../src/catalog/restorer.ts'
import { list } from '../../../src/commands/list.ts'
import { replicate } from '../../../src/commands/replicate.ts'
import { restore } from '../../../src/commands/restore.ts'
import { restoreVerify } from '../../../src/commands/restore-verify.ts'
import { readWindow } from '../../../src/commands/check-window.ts'
import { readCatalog } from '../../../src/commands/read-catalog.ts'
import { encrypt } from '../../../src/pipeline/age/encrypt.ts'
import { flow } from '../../../src/pipeline/flow.ts'
import { openDirectoryStore } from '../../../src/storage/directory.ts'
import type { PrunableStore } from '../../../src/storage/prunable-store.ts'
import { makeBackup } from '../../support/committed-backup.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { spoiltWire, type WireFault } from '../../support/spoilt-wire.ts'

const PREFIX = 'db/'
const { signal } = new AbortController()
const clock = systemClock
const FAULTS: readonly WireFault[] = [
  'a flipped bit',
  'bytes that are missing',
  'bytes that come twice',
  'no answer of a store',
]

/** What proves and restores is not tested here: it takes what it is given. */
const prover: Prover = {
  kind: 'postgres',
  prepare: () =>
    Promise.resolve({
      notes: [],
      async prove({ archive }, { climb }) {
        await climb('restored', async () => {
          if (archive.kind === 'stream') for await (const _ of archive.open(signal));
          return { outcome: 'passed', summary: 'restored' }
        })
        await climb('equal', () => Promise.resolve({ outcome: 'passed', summary: 'equal' }))
        return { tables: 1, rows: 1, orphans: 0 }
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
}
const restorer: Restorer = {
  kind: 'postgres',
  prepare: () =>
    Promise.resolve({
      restore: () =>
        Promise.resolve({
          database: 'app',
          previous: undefined,
          failures: [],
          notValid: [],
          notes: [],
          cutOver: [],
          comparison: { outcome: 'equal', summary: 'equal', findings: [] },
        }),
    }),
}

let identity: string
let recipient: string
let original: string
let scratch: string
let folder: string

beforeAll(async () => {
  identity = await generateX25519Identity()
  recipient = await identityToRecipient(identity)
  scratch = await mkdtemp(join(tmpdir(), 'wire-'))
  original = join(scratch, 'original')
  const store = await openDirectoryStore({ directory: original })
  const put = async (key: string, content: Buffer): Promise<void> => {
    const one = async function* () {
      yield await Promise.resolve(content)
    }
    await store.write(key, one, { expectedBytes: content.length, signal })
  }
  const made = await makeBackup(put, {
    prefix: PREFIX,
    time: new Date(Date.now() - 3_600_000),
    verified: false,
  })
  folder = made.folder
  // Real age files in the place of random bytes.
  const key = `${folder}manifest.json`
  const manifest = parseManifest(made.objects.get(key) ?? Buffer.alloc(0), key)
  const artifacts = []
  for (const artifact of manifest.artifacts) {
    const plain = Buffer.alloc(artifact.role === 'dump' ? 300_000 : 500, artifact.role)
    const chunks: Uint8Array[] = []
    const sealed = flow({ kind: 'bytes', label: 'x', bytes: [plain] }, [encrypt([recipient])], {
      signal,
      stallMs: 60_000,
    })
    for await (const chunk of sealed) chunks.push(Uint8Array.from(chunk))
    const bytes = Buffer.concat(chunks)
    await writeFile(join(original, folder, artifact.file), bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const facts = {
      bytes: bytes.length,
      sha256,
      plainBytes: plain.length,
      compression: 'none',
      recipients: [recipient],
    }
    artifacts.push({ ...artifact, ...facts })
  }
  await writeFile(join(original, key), renderManifest({ ...manifest, artifacts }))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Each test has the backup to itself. */
async function withStore<T>(
  use: (store: PrunableStore, directory: string, temporary: string) => Promise<T>,
): Promise<T> {
  const mine = await mkdtemp(join(scratch, 'copy-'))
  const directory = join(mine, 'store')
  await cp(original, directory, { recursive: true })
  const store = await openDirectoryStore({ directory })
  const temporary = await mkdtemp(join(mine, 'temporary-'))
  return await use(store, directory, temporary)
}

const verify = (store: PrunableStore, temporary: string) => {
  const choice = { name: 'app', id: undefined, before: undefined }
  const settings = {
    prefix: PREFIX,
    choice,
    identities: [identity],
    leastRecipients: undefined,
    rtoMs: undefined,
  }
  const more = { negativeControl: false, stallMs: 60_000, databaseHere: false }
  const around = {
    store,
    prover,
    log: recordingLog(),
    clock,
    signal,
    temporary,
    memory: undefined,
    lifeboat: '0',
    run: {},
  }
  return restoreVerify({ ...settings, ...more }, around)
}

const records = async (directory: string): Promise<string[]> =>
  (await readdir(join(directory, folder))).filter((file) => /^verified-.*\.json$/.test(file))

/** What each command does; it throws where it comes to no good end. */
const COMMANDS: Readonly<Record<string, (store: PrunableStore, temporary: string) => Promise<void>>> = {
  'restore-verify': async (store, temporary) => {
    const { verdict, failure } = await verify(store, temporary)
    if (failure !== undefined) throw failure as Error
    expect(verdict).toBe('ok')
  },
  restore: async (store, temporary) => {
    const choice = { name: 'app', id: undefined, before: undefined }
    const settings = {
      prefix: PREFIX,
      what: { kind: 'backup', choice },
      identities: [identity],
      stallMs: 60_000,
    } as const
    await restore(settings, restorer, { store, log: recordingLog(), clock, signal, temporary })
  },
  replicate: async (store, temporary) => {
    const second = await openDirectoryStore({ directory: join(temporary, 'second') })
    const sides = { from: { store, prefix: PREFIX }, to: { store: second, prefix: PREFIX } }
    const progress = () => ({ update: () => undefined, end: () => undefined })
    const { backups, failure } = await replicate(
      { ...sides, name: undefined, policy: undefined, dryRun: false },
      { log: recordingLog(), clock, signal, progress },
    )
    if (failure !== undefined) throw failure as Error
    for (const each of backups) if (each.outcome === 'failed') throw each.error as Error
  },
  check: async (store) => {
    const catalog = await readCatalog(store, { prefix: PREFIX, name: undefined }, signal)
    const backups = catalog.names.flatMap((each) => each.backups)
    const { damaged, seen } = await readWindow(
      { folder: `${PREFIX}app/`, backups },
      { manifests: 10, headers: 10, records: 10 },
      { store, now: new Date(), signal, log: recordingLog() },
    )
    expect(damaged).toEqual([])
    expect(seen.every(({ header }) => header !== 'plain')).toBe(true)
  },
  list: async (store) => {
    const { names } = await list({ prefix: PREFIX, name: undefined }, { store, clock, signal })
    expect(names.flatMap(({ backups }) => backups)).toHaveLength(1)
  },
}

const OBJECTS = { 'the manifest': /manifest\.json$/, 'the dump': /\.dump\./, 'the contents': /\.contents\./ }

const CASES = Object.keys(COMMANDS).flatMap((command) =>
  Object.entries(OBJECTS).flatMap(([what, match]) =>
    FAULTS.map((fault) => ({ command, what, match, fault })),
  ),
)

describe('A wire that spoils what is read', () => {
  it.each(CASES)('once: $command of $what with $fault ends well', async ({ command, match, fault }) => {
    await withStore(async (store, _directory, temporary) => {
      const wire = spoiltWire(store, fault, { match, times: 1 })
      await COMMANDS[command]?.(wire.store, temporary)
      // Where it was read and spoilt, it was read again over a connection of its own.
      if (wire.readings.length > 0 && !(command === 'check' && !wire.readings.includes(true)))
        expect(wire.readings).toContain(true)
    })
  })

  it.each(CASES)(
    'always: $command of $what with $fault condemns nothing',
    async ({ command, match, fault }) => {
      await withStore(async (store, directory, temporary) => {
        const wire = spoiltWire(store, fault, { match, times: Number.POSITIVE_INFINITY })
        const ended = await COMMANDS[command]?.(wire.store, temporary).then(
          () => undefined,
          (error: unknown) => error,
        )
        if (wire.readings.length > 0 && command !== 'check') expect(ended).toMatchObject({ code: 'store' })
        expect(await records(directory)).toEqual([])
      })
    },
  )
})

describe('What is damaged in the store', () => {
  const damage: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    'a flipped bit': (bytes) => {
      const copy = Buffer.from(bytes)
      copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1
      return copy
    },
    'a missing end': (bytes) => bytes.subarray(0, bytes.length - 20),
    'other bytes': () => Buffer.from('<html>'),
  }

  it.each(
    Object.entries(damage).flatMap(([what, spoil]) =>
      ['app.dump.xz.age', 'app.contents.json.xz.age', 'manifest.json'].map((file) => ({ what, spoil, file })),
    ),
  )('is found in $file: $what', async ({ spoil, file, what }) => {
    // A bit of a manifest may be one that it does not matter.
    if (file === 'manifest.json' && what === 'a flipped bit') return
    await withStore(async (store, directory, temporary) => {
      const path = join(directory, folder, file)
      await writeFile(path, spoil(await readFile(path)))
      const { verdict } = await verify(store, temporary)
      expect(verdict).toBe('failed')
      expect(await records(directory)).toEqual([expect.stringMatching(/-failed\.json$/)])
      await expect(COMMANDS['restore']?.(store, temporary)).rejects.toMatchObject({ code: 'damaged' })
      await expect(COMMANDS['replicate']?.(store, temporary)).rejects.toMatchObject({ code: 'damaged' })
    })
  })
})
