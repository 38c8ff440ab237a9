import { z } from 'zod'
import { LifeboatError } from '../errors.ts'
import { time, type Artifact, type ArtifactRole } from './manifest-fields.ts'
import { meilisearchFacts, type MeilisearchFacts } from './meilisearch-facts.ts'
import { FORMAT, isBackupId } from './names.ts'
import { refuseNewer } from './newer.ts'
import { postgresFacts, type PostgresFacts } from './postgres-facts.ts'

/** No manifest is larger: it would describe some 370,000 tables. Larger ones are neither written nor read. */
export const MOST_MANIFEST_BYTES = 32 * 2 ** 20

/** What a source says of what it captured. */
export type SourceFacts = PostgresFacts | MeilisearchFacts

/** What the command adds. */
const committed = {
  format: z.literal(FORMAT),
  lifeboat: z.string().max(40),
  id: z.string().refine(isBackupId, 'not a backup id'),
  name: z.string().min(1).max(1_000),
  started: time,
  finished: time,
  /** How the source was captured; absent where it has one way only. */
  method: z.literal('dump').optional(),
  /** Which run made it; empty outside GitHub. */
  run: z.record(z.string(), z.string().max(1_000)),
}

const postgres = postgresFacts.extend(committed)
const meilisearch = meilisearchFacts.extend(committed)
const SOURCES = ['postgres', 'meilisearch']

/**
 * The commit marker of a backup, written last: see `docs/format.md`. It is plain, holds no table names and no
 * secrets, and authenticates nothing: whoever can write the bucket can replace it.
 */
const manifest = z.discriminatedUnion('source', [postgres, meilisearch])

export type PostgresManifest = Readonly<z.infer<typeof postgres>>
export type MeilisearchManifest = Readonly<z.infer<typeof meilisearch>>
export type Manifest = PostgresManifest | MeilisearchManifest

export type { Artifact, ArtifactRole }

export function renderManifest(content: Manifest): Buffer {
  const bytes = Buffer.from(`${JSON.stringify(manifest.parse(content), null, 2)}\n`)
  if (bytes.length <= MOST_MANIFEST_BYTES) return bytes
  throw new LifeboatError('manifest', `The manifest has more than ${MOST_MANIFEST_BYTES} bytes.`, {
    hint: 'The database has more tables than one backup can describe: back up schemas of it apart.',
  })
}

/** Reads what a bucket gave back: untrusted. Throws `damaged`, or `newer` for what a later Lifeboat wrote, naming `key`. */
export function parseManifest(bytes: Uint8Array, key: string): Manifest {
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new LifeboatError('damaged', `${key} is not JSON.`, { cause })
  }
  refuseNewer(content, key, SOURCES)
  const parsed = manifest.safeParse(content)
  if (parsed.success) return parsed.data
  throw new LifeboatError('damaged', `${key} is not a valid manifest: ${z.prettifyError(parsed.error)}`)
}

/** The manifest, known to be one of `source`. Throws `input` where the backup is of something else. */
export function manifestOf<Source extends Manifest['source']>(
  source: Source,
  manifest: Manifest,
): Extract<Manifest, { source: Source }> {
  if (isOf(source, manifest)) return manifest
  throw new LifeboatError(
    'input',
    `Backup ${manifest.id} of "${manifest.name}" is one of ${manifest.source}, not of ${source}.`,
    { hint: `Say source: ${manifest.source}, or name another prefix or backup.` },
  )
}

function isOf<Source extends Manifest['source']>(
  source: Source,
  manifest: Manifest,
): manifest is Extract<Manifest, { source: Source }> {
  return manifest.source === source
}
