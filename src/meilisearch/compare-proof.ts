import type { MeilisearchManifest } from '../catalog/manifest.ts'
import type { Finding, RungReport } from '../catalog/verification.ts'
import type { MeilisearchClient } from './client.ts'
import { compareArchive, compareImported } from './compare-imported.ts'
import type { MeilisearchContents } from './contents.ts'
import { indexId } from './facts.ts'
import type { InspectedArchive, InspectedIndex } from './inspect-archive.ts'
import { ofUsers } from './reserved-indexes.ts'

/** What was recorded with a dump. */
export interface Recorded {
  readonly manifest: MeilisearchManifest
  readonly contents: MeilisearchContents
}

/**
 * Compares a dump with what was recorded of it, and with the server that took it. Where nothing was recorded, it says what
 * is in it, for a person to compare.
 */
export async function compareAll(
  inspected: InspectedArchive,
  recorded: Recorded | undefined,
  server:
    { readonly client: MeilisearchClient; readonly sent: (index: InspectedIndex) => string } | undefined,
): Promise<RungReport> {
  const findings: Finding[] = recorded
    ? [...compareArchive(inspected, recorded.contents), ...compareManifest(recorded.manifest, inspected)]
    : []
  if (server) {
    for (const index of ofUsers(inspected).indexes) {
      const imported = { index, sent: server.sent(index) }
      findings.push(...(await compareImported(server.client, index.uid, imported)))
    }
  }
  if (findings.length > 0) {
    const wanted = recorded ? 'what was recorded' : 'the dump'
    return { outcome: 'failed', summary: `${findings.length} differences to ${wanted}.`, findings }
  }
  if (recorded) {
    const where = server ? 'in the archive and on the server' : 'in the archive'
    return {
      outcome: 'passed',
      summary: `Counts, documents and settings ${where} are what was recorded.`,
    }
  }
  const notes = inspected.indexes.map(
    ({ uid, documents, documentsDigest, settingsDigest }) =>
      `Index "${uid}": ${documents} documents with the digest ${documentsDigest}, settings ${settingsDigest}.`,
  )
  const equal = server ? 'Counts, documents and settings on the server are those of the dump' : undefined
  const unknown = 'nothing was recorded to compare it with: whether it is what search held is NOT MEASURED'
  return {
    outcome: server ? 'passed' : 'not-measured',
    summary: equal === undefined ? `For the dump ${unknown}.` : `${equal}. For the dump itself ${unknown}.`,
    notes,
  }
}

function compareManifest({ contents }: MeilisearchManifest, { indexes }: InspectedArchive): Finding[] {
  return indexes.flatMap(({ uid, documents, documentsDigest, settingsDigest }) => {
    const recorded = contents.perIndex.find(({ index }) => index === indexId(uid))
    const equal =
      recorded?.documents === documents &&
      recorded.documentsDigest === documentsDigest &&
      recorded.settingsDigest === settingsDigest
    return equal
      ? []
      : [
          {
            what: `index ${uid}`,
            expected: 'as in the manifest',
            found: recorded ? 'something else' : 'not in it',
          },
        ]
  })
}
