import { openS3Store } from '../../src/storage/s3/s3-store.ts'
import { startRadosgw } from '../support/radosgw.ts'
import { describeObjectStore } from './object-store.ts'

describeObjectStore("Ceph's radosgw", async () => {
  const server = await startRadosgw()
  const { endpoint, bucket, accessKeyId, secretAccessKey } = server
  return {
    open: (journal) =>
      openS3Store({
        endpoint,
        bucket,
        credentials: { accessKeyId, secretAccessKey },
        ...(journal ? { journal } : {}),
      }),
    async abandon(key) {
      await server.view.beginUpload(key)
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})
