import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import type { ActionOptions } from './action-runner.ts'
import type { PostgresServer } from './postgres-server.ts'
import type { Radosgw } from './radosgw.ts'

export interface KeyPair {
  readonly identity: string
  readonly recipient: string
}

export async function keyPair(): Promise<KeyPair> {
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** A step with `command: backup`, as a workflow writes it; `inputs` wins over what stands here. */
export function backupStep(
  around: {
    readonly server: PostgresServer
    readonly store: Radosgw
    readonly recipient: string
    readonly database?: string
    /** Of a proxy, where one stands before the store. */
    readonly endpoint?: string
  },
  inputs: Readonly<Record<string, string>> = {},
): ActionOptions {
  const { server, store, recipient, database = 'shop', endpoint = store.endpoint } = around
  return {
    inputs: { command: 'backup', bucket: store.bucket, endpoint, region: store.region, ...inputs },
    env: {
      DATABASE_URL: server.url(database),
      R2_ACCESS_KEY_ID: store.accessKeyId,
      R2_SECRET_ACCESS_KEY: store.secretAccessKey,
      AGE_RECIPIENT: recipient,
    },
  }
}
