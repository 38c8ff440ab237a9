import { DeleteObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import type { PostgresServer } from '../../__tests__/support/postgres-server.ts'
import type { Radosgw } from '../../__tests__/support/radosgw.ts'
import { shopEnvironment } from './shop.ts'

/** Where one measurement reads from and writes to. */
export interface Place {
  readonly database: PostgresServer
  readonly store: Radosgw
  /** A public age recipient. */
  readonly recipient: string
  /** An empty folder: nobody's settings are in it. */
  readonly home: string
  /** Another bundle than `dist/index.js`, to compare the two. */
  readonly bundle: string | undefined
}

/** What the shell lines find in their environment; no secret is in a command line. */
export function shellEnvironment({ database, store, recipient, home }: Place): Record<string, string> {
  return {
    ...shopEnvironment(database),
    HOME: home,
    RECIPIENT: recipient,
    BUCKET: store.bucket,
    ENDPOINT: store.endpoint,
    AWS_ACCESS_KEY_ID: store.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
    AWS_DEFAULT_REGION: store.region,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

/** Bytes of an object, which is then removed: the store keeps its objects in memory. */
export async function takeAway({ store }: Place, key: string): Promise<number> {
  const object = { Bucket: store.bucket, Key: key }
  const { ContentLength } = await store.client.send(new HeadObjectCommand(object))
  await store.client.send(new DeleteObjectCommand(object))
  if (ContentLength === undefined || ContentLength === 0) throw new Error(`${key} is empty`)
  return ContentLength
}
