import { describe, expect, it } from '@jest/globals'
import { MeilisearchRefusal } from '../../../../src/meilisearch/failure.ts'
import { batchSender } from '../../../../src/meilisearch/reindex/document-batches.ts'

const refuse = (): Promise<void> =>
  Promise.reject(
    new MeilisearchRefusal({ status: 413, apiCode: 'payload_too_large' }, 'meilisearch', 'It is too large.'),
  )

describe('a document that is larger than the server takes', () => {
  it.each([', or leave the large column out of the query', ' to that of the server that was backed up'])(
    'is named, with what its command can do about it:%s',
    async (todo) => {
      const sender = batchSender({ uid: 'products', todo }, refuse)
      await sender.add([{ key: '"a-17"', text: '{"id":"a-17"}' }])
      await expect(sender.end()).rejects.toMatchObject({
        code: 'incomplete',
        message: expect.stringContaining('the document with the key "a-17"') as unknown,
        hint: `Raise its http-payload-size-limit${todo}. Search is as it was.`,
      })
    },
  )
})
