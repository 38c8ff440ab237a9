import { meilisearchTarget, type MeilisearchTarget } from '../../support/meilisearch-target.ts'

/** Somebody's search beside their shop, and an empty server where GitHub would start a container. */
export interface Search extends AsyncDisposable {
  readonly live: MeilisearchTarget
  readonly scratch: MeilisearchTarget
  readonly vars: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
}

/** With one index, `products`, of three documents. */
export async function openSearch(): Promise<Search> {
  const live = await meilisearchTarget()
  const scratch = await meilisearchTarget(1)
  await live.done(live.client.createIndex('products', 'id'))
  const documents = [1, 2, 3].map((id) => JSON.stringify({ id, title: `Lamp no. ${id}` }))
  await live.done(live.client.addDocuments('products', Buffer.from(documents.join('\n'))))
  return {
    live,
    scratch,
    vars: { MEILI_HOST: live.url, MEILI_SCRATCH_HOST: scratch.url },
    secrets: { MEILI_API_KEY: live.masterKey, MEILI_SCRATCH_API_KEY: scratch.masterKey },
    [Symbol.asyncDispose]: async () => {
      await scratch[Symbol.asyncDispose]()
      await live[Symbol.asyncDispose]()
    },
  }
}
