import type { FillContext, FilledIndex, IndexPlan, SearchDocument } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'
import type { MeilisearchClient } from '../client.ts'
import { followTask } from '../task.ts'
import { batchSender } from './document-batches.ts'

/** So many bodies may wait in the server's queue: it indexes several at once, and keeps them on its disk until then. */
const MOST_WAITING = 16
/** Whole numbers, and strings of these characters; as JSON. */
const USABLE_KEY = /^(?:-?\d+|"[A-Za-z0-9_-]{1,511}")$/

/** Pours documents into the index `fresh`, and waits until every one of its tasks has succeeded. */
export async function fillIndex(
  client: MeilisearchClient,
  { plan, fresh, stallMs }: { plan: IndexPlan; fresh: string; stallMs: number },
  documents: AsyncIterable<readonly SearchDocument[]>,
  context: FillContext,
): Promise<FilledIndex> {
  const { clock, signal } = context
  const progress = context.progress(plan.uid)
  const waiting: { readonly task: number; readonly documents: number }[] = []
  let done = 0
  const settleOldest = async (): Promise<void> => {
    const oldest = waiting.shift()
    if (!oldest) return
    const what = `adding documents to "${fresh}"`
    await followTask(client, oldest.task, {
      what,
      clock,
      limitMs: stallMs,
      progress: ({ percent }) => progress.update({ percent }),
    })
    done += oldest.documents
    progress.update({ indexed: done, percent: undefined })
  }
  const todo = ', or leave the large column out of the query'
  const sender = batchSender({ uid: plan.uid, todo }, async (body, count) => {
    signal.throwIfAborted()
    waiting.push({ task: await client.addDocuments(fresh, body), documents: count })
    progress.update({ sent: sender.sent().documents + count })
    if (waiting.length >= MOST_WAITING) await settleOldest()
  })
  try {
    for await (const some of documents) {
      refuseUnusableKeys(plan, some)
      await sender.add(some)
    }
    await sender.end()
    while (waiting.length > 0) await settleOldest()
  } finally {
    progress.end()
  }
  const { documents: sent, bytes } = sender.sent()
  const indexed = (await client.stats(fresh)).numberOfDocuments
  return { uid: plan.uid, sent, indexed, bytes, live: await countLive(client, plan.uid) }
}

function refuseUnusableKeys(
  { uid, line, primaryKey }: IndexPlan,
  documents: readonly SearchDocument[],
): void {
  const unusable = documents.find(({ key }) => !USABLE_KEY.test(key))
  if (!unusable) return
  throw new LifeboatError(
    'incomplete',
    `The query of index "${uid}" (line ${line}) gives the "${primaryKey}" ${unusable.key.slice(0, 600)}, which Meilisearch takes for no key.`,
    {
      hint: 'A key is a whole number, or a string of A-Z a-z 0-9 - _ with at most 511 of them. Choose another column, or make one: md5(…). Search is as it was.',
    },
  )
}

async function countLive(client: MeilisearchClient, uid: string): Promise<number | undefined> {
  return (await client.index(uid)) === undefined ? undefined : (await client.stats(uid)).numberOfDocuments
}
