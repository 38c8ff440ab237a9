import type { Finding } from '../catalog/verification.ts'
import type { MeilisearchClient } from './client.ts'
import type { IndexContents, MeilisearchContents } from './contents.ts'
import { DocumentsDigest } from './documents-digest.ts'
import { readDocuments } from './documents.ts'
import type { InspectedArchive, InspectedIndex } from './inspect-archive.ts'
import { compareSettings } from './compare-settings.ts'

/** What a dump holds that its contents do not, or the other way round. */
export function compareArchive(
  inspected: InspectedArchive,
  { indexes, keys }: MeilisearchContents,
): Finding[] {
  const expected = new Map(indexes.map((index) => [index.uid, index]))
  const found = new Map(inspected.indexes.map((index) => [index.uid, index]))
  const missing = indexes
    .filter(({ uid }) => !found.has(uid))
    .map(({ uid }) => ({ what: `index ${uid}`, expected: 'in the dump', found: 'not there' }))
  const differing = inspected.indexes.flatMap((index) => {
    const wanted = expected.get(index.uid)
    if (!wanted) return [{ what: `index ${index.uid}`, expected: 'not there', found: 'in the dump' }]
    return compareIndex(wanted, index)
  })
  const lost = keys.filter((uid) => !inspected.keys.some((key) => key.uid === uid))
  return [
    ...missing,
    ...differing,
    ...(lost.length > 0
      ? [{ what: 'API keys', expected: `${keys.length}`, found: `${keys.length - lost.length}` }]
      : []),
  ]
}

const COMPARED = ['documents', 'documentsDigest', 'settingsDigest', 'primaryKey'] as const

function compareIndex(expected: IndexContents, found: InspectedIndex): Finding[] {
  return COMPARED.filter((field) => expected[field] !== found[field]).map((field) => ({
    what: `${field} of index ${expected.uid}`,
    expected: String(expected[field]),
    found: String(found[field]),
  }))
}

/**
 * What differs between an index of a dump and the one on the server that was made of it, with the settings `sent`. Reads
 * all its documents.
 */
export async function compareImported(
  client: MeilisearchClient,
  name: string,
  { index, sent }: { readonly index: InspectedIndex; readonly sent: string },
): Promise<Finding[]> {
  const digest = new DocumentsDigest()
  for await (const { bytes, spans } of readDocuments(client, name)) {
    for (const span of spans) digest.add(bytes, span)
  }
  const { uid } = index
  const findings: Finding[] = []
  const judge = (what: string, expected: string, found: string): void => {
    if (expected !== found) findings.push({ what: `${what} of index ${uid}`, expected, found })
  }
  judge('documents', String(index.documents), String(digest.documents))
  if (index.documents === digest.documents) judge('digest of documents', index.documentsDigest, digest.hex())
  for (const { field, expected, found } of compareSettings(Buffer.from(sent), await client.settings(name)))
    judge(`setting ${field}`, expected, found)
  return findings
}
