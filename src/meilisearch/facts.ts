import { createHash } from 'node:crypto'
import type { Artifact } from '../catalog/manifest.ts'
import type { MeilisearchFacts } from '../catalog/meilisearch-facts.ts'
import type { Captured } from '../catalog/source.ts'
import type { MeilisearchContents } from './contents.ts'
import { recoveryLines } from './recovery.ts'

/** How many indexes the summary names. */
const LARGEST = 10

/** What was captured, in the manifest's words: indexes by a hash of their names. */
export function sourceFacts(backup: {
  readonly contents: MeilisearchContents
  readonly artifacts: readonly Artifact[]
  readonly version: string
  readonly time: Date
  readonly notes: readonly string[]
  readonly seconds: Readonly<Record<string, number>>
}): MeilisearchFacts {
  const { contents, artifacts, version, time } = backup
  const { indexes, way, keys, hidden } = contents
  const sum = (of: (index: (typeof indexes)[number]) => number): number =>
    indexes.reduce((total, index) => total + of(index), 0)
  return {
    source: 'meilisearch',
    artifacts: [...artifacts],
    snapshot: { time: time.toISOString() },
    server: { version },
    tools: {},
    contents: {
      way,
      indexes: indexes.length,
      documents: sum(({ documents }) => documents),
      bytes: sum(({ bytes }) => bytes),
      keys: keys.length,
      redacted: sum(({ hiddenKeys }) => hiddenKeys.length) + hidden.length,
      perIndex: indexes.map(({ uid, documents, bytes, documentsDigest, settingsDigest, consistent }) => ({
        index: indexId(uid),
        documents,
        bytes,
        documentsDigest,
        settingsDigest,
        consistent,
      })),
    },
    notes: [...backup.notes, ...contentNotes(contents)],
    seconds: { ...backup.seconds },
    recovery: recoveryLines({ artifacts, version, indexes }),
  }
}

/** An index in a manifest, which names none. */
export function indexId(uid: string): string {
  return createHash('sha256').update(uid).digest('hex').slice(0, 16)
}

export function largestIndexes({ indexes }: MeilisearchContents): Captured['largest'] {
  return indexes
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, LARGEST)
    .map(({ uid, documents, bytes }) => ({ name: uid, rows: documents, bytes }))
}

/** What a file system takes for the name of a folder, and `--import-dump` unpacks each index into one. */
const LONGEST_FOLDER = 255

function contentNotes({ indexes, hidden }: MeilisearchContents): string[] {
  const embedders = indexes.reduce((total, { hiddenKeys }) => total + hiddenKeys.length, 0)
  const changed = indexes.filter(({ consistent }) => !consistent).length
  const apart = indexes.reduce((total, index) => total + Object.keys(index.apart).length, 0)
  const long = indexes.filter(({ uid }) => uid.length > LONGEST_FOLDER).length
  return [
    ...(embedders > 0
      ? [
          `${embedders} API key(s) of embedders are not in the backup: the API hides them, and where it does not, within composite embedders, they are left out. A restore asks for them (meili-embedder-keys); the contents artifact says which.`,
        ]
      : []),
    ...(apart > 0
      ? [
          `${apart} embedder(s) are not in the dump: a server has them embed a text when it sets them up, and meilisearch --import-dump gives up where that fails. Their settings are in the contents artifact; a restore brings them back.`,
        ]
      : []),
    ...(hidden.length > 0
      ? [
          `${hidden.length} secret(s) of webhooks, which the API hides, are not in the backup: set them again after a restore.`,
        ]
      : []),
    ...(long > 0
      ? [
          `${long} index(es) have a uid of more than ${LONGEST_FOLDER} bytes: meilisearch --import-dump does not take the dump, for it makes a folder of each. command: restore does.`,
        ]
      : []),
    ...(changed > 0
      ? [
          `INCONSISTENT: ${changed} index(es) changed in every attempt to read them, and allow-inconsistent let it pass.`,
        ]
      : []),
  ]
}
