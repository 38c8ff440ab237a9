import { createHash, randomBytes } from 'node:crypto'
import { renderManifest, type Artifact, type Manifest } from '../../src/catalog/manifest.ts'
import {
  backupFolder,
  backupId,
  encodeName,
  MANIFEST_FILE,
  verificationFile,
} from '../../src/catalog/names.ts'

/** A backup whose manifest holds for its objects, which are random bytes. */
export interface BackupOrder {
  readonly prefix: string
  readonly name?: string
  readonly time: Date
  /** Of the dump. */
  readonly bytes?: number
  readonly verified?: boolean
}

export interface MadeBackup {
  readonly id: string
  /** Ends in `/`. */
  readonly folder: string
  /** Key to content, in the order in which they are put. */
  readonly objects: ReadonlyMap<string, Buffer>
}

/** Makes a backup without a database, and puts its objects, the manifest after what it names. */
export async function makeBackup(
  put: (key: string, content: Buffer) => Promise<void>,
  { prefix, name = 'app', time, bytes = 2_000, verified = true }: BackupOrder,
): Promise<MadeBackup> {
  const id = backupId(time, randomBytes(3).toString('hex'))
  const folder = backupFolder(prefix, name, id)
  const contents = [
    ['dump', `${encodeName(name)}.dump.xz.age`, randomBytes(bytes)],
    ['contents', `${encodeName(name)}.contents.json.xz.age`, randomBytes(300)],
  ] as const
  const artifacts = contents.map(([role, file, content]): Artifact => ({
    role,
    file,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    plainBytes: content.length * 6,
    compression: 'xz:6',
    recipients: ['age1example'],
  }))
  const record = verificationFile(new Date(time.getTime() + 3_600_000), 'ok')
  const written = renderManifest(manifest({ id, name, time, artifacts }))
  const manifestSha256 = createHash('sha256').update(written).digest('hex')
  const objects = new Map<string, Buffer>([
    ...contents.map(([, file, content]) => [`${folder}${file}`, content] as const),
    [`${folder}${MANIFEST_FILE}`, written],
    ...(verified
      ? ([
          [`${folder}${record.replace(/json$/, 'details.age')}`, randomBytes(100)],
          [`${folder}${record}`, Buffer.from(JSON.stringify({ backup: id, verdict: 'ok', manifestSha256 }))],
        ] as const)
      : []),
  ])
  for (const [key, content] of objects) await put(key, content)
  return { id, folder, objects }
}

function manifest(of: { id: string; name: string; time: Date; artifacts: Artifact[] }): Manifest {
  const time = of.time.toISOString()
  return {
    format: 1,
    lifeboat: '0.0.0',
    id: of.id,
    source: 'postgres',
    name: of.name,
    started: time,
    finished: time,
    run: {},
    artifacts: of.artifacts,
    snapshot: { time, wal: null },
    server: {
      version: '15.18',
      versionNumber: 150018,
      systemIdentifier: '7',
      standby: false,
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      localeProvider: 'libc',
      locale: null,
    },
    tools: {},
    contents: {
      fingerprint: 'digest',
      databaseBytes: 1,
      tables: 1,
      rows: 1,
      largeObjects: 0,
      perTable: [{ oid: 1, rows: 1, bytes: 1 }],
    },
    notes: [],
    seconds: {},
    recovery: [],
  }
}
