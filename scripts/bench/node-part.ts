/**
 * Run as a process of its own: takes the file `FILE` through what of a backup happens inside node (age, SHA-256,
 * upload) and ends.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { encrypt } from '../../src/pipeline/age/encrypt.ts'
import { flow } from '../../src/pipeline/flow.ts'
import { seal } from '../../src/pipeline/seal.ts'
import { openS3Store } from '../../src/storage/s3/s3-store.ts'

const { signal } = new AbortController()
const file = given('FILE')
const store = await openS3Store({
  endpoint: given('ENDPOINT'),
  bucket: given('BUCKET'),
  region: given('AWS_DEFAULT_REGION'),
  credentials: { accessKeyId: given('AWS_ACCESS_KEY_ID'), secretAccessKey: given('AWS_SECRET_ACCESS_KEY') },
})
const body = (): AsyncIterable<Uint8Array> =>
  flow(
    { kind: 'bytes', label: 'file', bytes: createReadStream(file) },
    [encrypt([given('RECIPIENT')]), seal().stage],
    { signal, stallMs: 60_000 },
  )
await store.write(given('KEY'), body, { expectedBytes: 2 * (await stat(file)).size, signal })
store.close()

function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}
