import { LifeboatError } from '../errors.ts'
import type { MeilisearchClient } from './client.ts'

/**
 * Looks at a server that a dump is to be imported into, and gives its version. Throws `input` where it is the one that is
 * backed up (`liveHost`, where it is known), or not empty.
 */
export async function assertScratch(
  client: MeilisearchClient,
  liveHost: string | undefined,
): Promise<string> {
  if (client.host === liveHost) {
    throw new LifeboatError('input', 'target-meili-host is the server that is backed up (meili-host).', {
      hint: 'Give an empty server of its own, for example a service container.',
    })
  }
  const version = await client.version()
  const indexes = await client.indexes()
  if (indexes.length === 0) return version
  throw new LifeboatError(
    'input',
    `The server at target-meili-host (${client.host}) is not empty: it has ${indexes.length} indexes.`,
    {
      hint: 'A verification imports into an empty server only, and removes what it made. Give another one.',
    },
  )
}
