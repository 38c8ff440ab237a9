import { z } from 'zod'
import { LifeboatError } from '../errors.ts'
import { isBackupId } from './names.ts'

/**
 * The commit marker of a backup, written last: see `docs/format.md`. It is plain, holds no table names and no
 * secrets, and authenticates nothing: whoever can write the bucket can replace it.
 */
export const FORMAT = 1

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const time = z.iso.datetime()
/** A file inside the backup's own folder: a manifest must not be able to point anywhere else. */
const fileName = z
  .string()
  .regex(/^[A-Za-z0-9%_-][A-Za-z0-9%._-]*$/)
  .max(400)
const text = z.string().max(10_000)

const artifactRole = z.enum(['dump', 'globals', 'contents'])
export type ArtifactRole = z.infer<typeof artifactRole>

const artifact = z.object({
  role: artifactRole,
  file: fileName,
  /** As stored. */
  bytes: count,
  /** Of the stored bytes, lower-case hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Before compression and encryption. */
  plainBytes: count,
  /** `xz:6`, `zstd:3`, `none`. */
  compression: z.string().max(20),
  /** Public age recipients; empty when the artifact is not encrypted. */
  recipients: z.array(z.string().max(4_000)).max(100),
})
export type Artifact = Readonly<z.infer<typeof artifact>>

/** One table, by OID: names stay in the encrypted fingerprint. */
const tableFacts = z.object({
  oid: count,
  /** Null when `fingerprint: none` left them uncounted. */
  rows: count.nullable(),
  /** Main fork and TOAST, without indexes. */
  bytes: count,
})
export type TableFacts = Readonly<z.infer<typeof tableFacts>>

/** What a source says of what it captured. */
const sourceFacts = z.object({
  artifacts: z.array(artifact).min(1).max(100),
  snapshot: z.object({
    time,
    /** Write-ahead log position, `0/16B3748`; null where it may not be read. */
    wal: z.string().max(40).nullable(),
  }),
  server: z.object({
    /** `15.18` */
    version: z.string().max(100),
    /** 150018 */
    versionNumber: count,
    /** Tells one cluster from another; null where it may not be read. */
    systemIdentifier: z.string().max(40).nullable(),
    standby: z.boolean(),
    encoding: z.string().max(40),
    collate: text,
    ctype: text,
    /** `libc`, `icu`, `builtin`. */
    localeProvider: z.string().max(20),
    /** The provider's own locale, where it is not libc's. */
    locale: text.nullable(),
  }),
  /** Program to version: `pg_dump` to `15.18`. */
  tools: z.record(z.string(), z.string().max(200)),
  contents: z.object({
    fingerprint: z.enum(['digest', 'counts', 'none']),
    /** `pg_database_size()` */
    databaseBytes: count,
    tables: count,
    /** Null when `fingerprint: none` left them uncounted. */
    rows: count.nullable(),
    largeObjects: count,
    perTable: z.array(tableFacts).max(1_000_000),
  }),
  /** What could not be read or is not carried, in sentences. */
  notes: z.array(text).max(1_000),
  /** Duration of each phase, in seconds. */
  seconds: z.record(z.string(), z.number().nonnegative()),
  /** Lines that restore this backup on a fresh server with standard programs only. */
  recovery: z.array(text).max(200),
})
export type SourceFacts = Readonly<z.infer<typeof sourceFacts>>

const manifest = sourceFacts.extend({
  format: z.literal(FORMAT),
  lifeboat: z.string().max(40),
  id: z.string().refine(isBackupId, 'not a backup id'),
  source: z.enum(['postgres']),
  name: z.string().min(1).max(1_000),
  started: time,
  finished: time,
  /** Which run made it; empty outside GitHub. */
  run: z.record(z.string(), z.string().max(1_000)),
})
export type Manifest = Readonly<z.infer<typeof manifest>>

export function renderManifest(content: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest.parse(content), null, 2)}\n`)
}

/** Reads what a bucket gave back: untrusted. Throws `manifest`, naming `key`. */
export function parseManifest(bytes: Uint8Array, key: string): Manifest {
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new LifeboatError('manifest', `${key} is not JSON.`, { cause })
  }
  const format = z.object({ format: z.number() }).safeParse(content)
  if (format.success && format.data.format > FORMAT) {
    throw new LifeboatError(
      'manifest',
      `${key} has format ${format.data.format}; this version knows ${FORMAT}.`,
      {
        hint: 'Use the version of Lifeboat that wrote it, or a newer one.',
      },
    )
  }
  const parsed = manifest.safeParse(content)
  if (parsed.success) return parsed.data
  throw new LifeboatError('manifest', `${key} is not a valid manifest: ${z.prettifyError(parsed.error)}`)
}
