import { createHash } from 'node:crypto'
import { Encrypter } from 'age-encryption'
import { renderManifest, type PostgresManifest } from '../../src/catalog/manifest.ts'
import {
  backupFolder,
  backupId,
  encodeName,
  FORMAT,
  MANIFEST_FILE,
  verificationFile,
} from '../../src/catalog/names.ts'
import { renderVerification, VERIFICATION_FORMAT } from '../../src/catalog/verification.ts'
import type { BucketView } from './bucket-view.ts'
import { hoursAgo } from './prune-step.ts'

/** A backup as somebody who looks after backups thinks of it; what is left out is as it should be. */
export interface Planted {
  readonly name: string
  readonly time: Date
  /** To whom it really is encrypted; empty: to nobody, whatever it is called. */
  readonly recipients: readonly string[]
  /** To whom its manifest says that it is; the same, if not said. */
  readonly claimed?: readonly string[]
  /** The ends of its artifacts' names. */
  readonly suffix?: string
  readonly rows?: number
  readonly plainBytes?: number
  readonly system?: string
  /** How long the backup took. */
  readonly seconds?: number
  readonly verified?: readonly {
    readonly verdict: 'ok' | 'failed' | 'partial'
    readonly at: Date
    readonly rtoSeconds?: number
    /** Of another manifest than the one beside it. */
    readonly foreign?: boolean
  }[]
  /** Without a manifest it is an attempt. */
  readonly committed?: boolean
  /** Tells backups of one second apart. */
  readonly number?: number
}

export interface PlantedObject {
  readonly key: string
  readonly content: Buffer
  readonly time: Date
}

const ROLES = ['contents', 'dump', 'globals'] as const

/** Everything that such a backup has in a store, its manifest last: small, and as valid as a real one. */
export async function plantedObjects(prefix: string, backup: Planted): Promise<PlantedObject[]> {
  const { name, time, recipients, suffix = '.xz.age', verified = [], committed = true, number = 0 } = backup
  const id = backupId(time, number.toString(16).padStart(6, '0'))
  const folder = backupFolder(prefix, name, id)
  const encoded = encodeName(name)
  const ending = { contents: 'contents.json', dump: 'dump', globals: 'globals.sql' }
  const artifacts = await Promise.all(
    ROLES.map(async (role) => {
      const content = await sealed(`${role} of ${name}, ${id}`, recipients)
      return { role, file: `${encoded}.${ending[role]}${suffix}`, content }
    }),
  )
  const manifest = manifestOf(backup, id, artifacts)
  const written = renderManifest(manifest)
  const records = verified.map(({ verdict, at, rtoSeconds, foreign = false }) => {
    const of = createHash('sha256').update(foreign ? 'another' : written)
    return {
      key: `${folder}${verificationFile(at, verdict)}`,
      content: recordOf({ backup: id, name, verdict, at, rtoSeconds, manifestSha256: of.digest('hex') }),
      time: at,
    }
  })
  return [
    ...artifacts.map(({ file, content }) => ({ key: `${folder}${file}`, content, time })),
    ...records,
    ...(committed ? [{ key: `${folder}${MANIFEST_FILE}`, content: written, time }] : []),
  ]
}

/** Nightly backups, all as they should be but for what is said. */
export interface Nights {
  readonly newest?: Partial<Planted>
  /** Three, if not said. */
  readonly nights?: number
  /** The newest is so many hours older than three. */
  readonly later?: number
  /** Which one was verified, so many hours ago; the second yesterday, if not said. */
  readonly proof?: { readonly night: number; readonly hours: number } | null
}

/** Puts them into a bucket. */
export async function plantNights(
  view: BucketView,
  { prefix, name, recipient }: { readonly prefix: string; readonly name: string; readonly recipient: string },
  { newest, nights = 3, later = 0, proof = { night: 1, hours: 24 } }: Nights,
): Promise<void> {
  for (let number = 0; number < nights; number += 1) {
    const verified = number === proof?.night ? [{ verdict: 'ok' as const, at: hoursAgo(proof.hours) }] : []
    const backup = {
      name,
      time: hoursAgo(3 + later + number * 24),
      recipients: [recipient],
      number,
      verified,
    }
    const objects = await plantedObjects(prefix, { ...backup, ...(number === 0 && newest) })
    for (const { key, content } of objects) await view.put(key, content)
  }
}

async function sealed(text: string, recipients: readonly string[]): Promise<Buffer> {
  if (recipients.length === 0) return Buffer.from(text)
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  return Buffer.from(await encrypter.encrypt(text))
}

function manifestOf(
  {
    name,
    time,
    recipients,
    claimed = recipients,
    rows = 12_345,
    plainBytes = 8 * 2 ** 20,
    system = '7300',
    seconds = 40,
  }: Planted,
  id: string,
  artifacts: readonly {
    readonly role: (typeof ROLES)[number]
    readonly file: string
    readonly content: Buffer
  }[],
): PostgresManifest {
  return {
    format: FORMAT,
    lifeboat: '0.1.0',
    id,
    source: 'postgres',
    name,
    started: time.toISOString(),
    finished: new Date(time.getTime() + seconds * 1000).toISOString(),
    run: { repository: 'shop/shop', run: '4711', actor: 'octocat' },
    artifacts: artifacts.map(({ role, file, content }) => ({
      role,
      file,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      plainBytes: role === 'dump' ? plainBytes : 1_000,
      compression: 'xz:6',
      recipients: [...claimed],
    })),
    snapshot: { time: time.toISOString(), wal: null },
    server: {
      version: '17.2',
      versionNumber: 170_002,
      systemIdentifier: system,
      standby: false,
      encoding: 'UTF8',
      collate: 'C.UTF-8',
      ctype: 'C.UTF-8',
      localeProvider: 'libc',
      locale: null,
    },
    tools: { pg_dump: '17.2' },
    contents: {
      fingerprint: 'digest',
      databaseBytes: plainBytes,
      tables: 1,
      rows,
      largeObjects: 0,
      perTable: [{ oid: 16_384, rows, bytes: plainBytes }],
    },
    notes: [],
    seconds: { dump: seconds },
    recovery: [
      `createdb --template=template0 -- ${name}`,
      `age -d -i key.txt ${encodeName(name)}.dump.xz.age | xz -dc | pg_restore -d ${name}`,
    ],
  }
}

function recordOf({
  backup,
  name,
  verdict,
  at,
  rtoSeconds = 300,
  manifestSha256,
}: {
  readonly backup: string
  readonly name: string
  readonly verdict: 'ok' | 'failed' | 'partial'
  readonly at: Date
  readonly rtoSeconds: number | undefined
  readonly manifestSha256: string
}): Buffer {
  return renderVerification({
    format: VERIFICATION_FORMAT,
    lifeboat: '0.1.0',
    backup,
    name,
    verdict,
    fault: verdict === 'failed' ? 'bytes' : null,
    started: at.toISOString(),
    finished: at.toISOString(),
    manifestSha256,
    rungs: [],
    totals: { tables: 1, rows: 12_345, bytes: 1_000, orphans: 0 },
    seconds: { restore: rtoSeconds },
    rtoSeconds: verdict === 'ok' ? rtoSeconds : null,
    details: null,
    run: {},
  })
}
