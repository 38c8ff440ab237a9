import type { Clock } from '../catalog/ports.ts'
import type { RungReport } from '../catalog/verification.ts'
import type { MeilisearchClient } from './client.ts'
import { compareImported } from './compare-imported.ts'
import type { InspectedIndex } from './inspect-archive.ts'
import type { Sample } from './sample-searches.ts'
import { followTask } from './task.ts'

/**
 * Adds a field to one document that was imported, and demands that the comparison notices. Only on a server whose
 * indexes are removed afterwards.
 */
export async function changeDocument(
  client: MeilisearchClient,
  {
    samples,
    indexes,
    sent,
  }: {
    readonly samples: readonly Sample[]
    readonly indexes: readonly InspectedIndex[]
    readonly sent: (index: InspectedIndex) => string
  },
  { clock, stallMs }: { readonly clock: Clock; readonly stallMs: number },
): Promise<RungReport> {
  const [sample] = samples
  const index = indexes.find(({ uid }) => uid === sample?.uid)
  if (!sample || !index)
    return { outcome: 'not-measured', summary: 'There is no document that could be changed.' }
  const { uid, line } = sample
  // Everything else stays as it was written: numbers, and vectors that the server asks for.
  const changed = `${line.trim().replace('{', '{"lifeboat_negative_control":true,')}\n`
  const task = await client.addDocuments(uid, Buffer.from(changed))
  await followTask(client, task, { what: `changing a document of "${uid}"`, clock, limitMs: stallMs })
  const noticed = (await compareImported(client, uid, { index, sent: sent(index) })).length > 0
  return noticed
    ? { outcome: 'passed', summary: 'A document that was changed on the server was noticed.' }
    : { outcome: 'failed', summary: 'A document that was changed on the server was NOT noticed.' }
}
