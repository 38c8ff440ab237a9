import { join } from 'node:path/posix'
import { checkPair } from './credentials.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'
import { parseReplicaUrl, type ReplicaPlace } from './replica-url.ts'
import type { Credentials, ReplicaRequest, StoreRequest } from './request.ts'
import type { Remarks } from './store.ts'

const KEY_ID = 'REPLICA_ACCESS_KEY_ID'
const SECRET_KEY = 'REPLICA_SECRET_ACCESS_KEY'
const TOKEN = 'REPLICA_SESSION_TOKEN'

/** Where the backups themselves stand; undefined where that could not be told. */
export interface Primary {
  readonly store: StoreRequest | undefined
  readonly prefix: string | undefined
}

/**
 * Where the second copy stands. Undefined where none is named, or where it cannot be told: `problems` then says why. The
 * keys are the replica's own: half a pair, or none, is an error and never another identity.
 */
export function readReplica(
  given: Given,
  primary: Primary,
  problems: Problems,
  remarks: Remarks,
): ReplicaRequest | undefined {
  const text = given.value('replica')
  const place = text === undefined ? undefined : parseReplicaUrl(text, problems)
  if (place === undefined) return undefined
  const prefix = place.prefix ?? primary.prefix
  const store = storeOf(place, given, { problems, remarks })
  if (store === undefined || prefix === undefined) return undefined
  const replica = { store, prefix }
  if (primary.store !== undefined && primary.prefix !== undefined) {
    compare(replica, { store: primary.store, prefix: primary.prefix }, { problems, remarks })
  }
  return replica
}

function storeOf(
  place: ReplicaPlace,
  given: Given,
  { problems, remarks }: { problems: Problems; remarks: Remarks },
): StoreRequest | undefined {
  if (place.kind === 'directory') return { kind: 'directory', path: place.path }
  const { bucket, region, endpoint, provider } = place
  if (endpoint?.exposed) {
    remarks.warnings.push(
      `replica: ${endpoint.url} is not encrypted (http). Whoever is on the network between can read and change what ` +
        'is stored unless age does what https would. Use https:// where the store offers it.',
    )
  }
  const credentials = readKeys(given, problems)
  if (credentials === undefined) return undefined
  const address = endpoint === undefined ? {} : { endpoint: endpoint.url }
  return { kind: 's3', bucket, region, ...address, provider, credentials }
}

function readKeys(given: Given, problems: Problems): Credentials | undefined {
  const [id, secret] = [given.variable(KEY_ID), given.variable(SECRET_KEY)]
  for (const name of [...(id === undefined ? [KEY_ID] : []), ...(secret === undefined ? [SECRET_KEY] : [])]) {
    problems.add(
      name,
      `is missing or empty. Put the replica's own key into a secret and hand it to this step: env: ${name}: ` +
        `\${{ secrets.${name} }}. The keys of the first store are never tried there.`,
    )
  }
  if (id === undefined || secret === undefined) return undefined
  const text = given.variable(TOKEN)
  const token = text === undefined ? undefined : { label: TOKEN, value: text }
  const instead = `Hand the token to this step as ${TOKEN} in its environment, or give the replica a key that does not expire.`
  return checkPair(
    { id: { label: KEY_ID, value: id }, secret: { label: SECRET_KEY, value: secret }, token, instead },
    problems,
  )
}

/** A second copy in the first place is none. */
function compare(
  replica: ReplicaRequest,
  primary: ReplicaRequest,
  { problems, remarks }: { problems: Problems; remarks: Remarks },
): void {
  if (placeOf(replica.store) === placeOf(primary.store)) {
    if (replica.prefix.startsWith(primary.prefix) || primary.prefix.startsWith(replica.prefix)) {
      problems.add(
        'replica',
        'is where the backups themselves stand, or inside it. Name another bucket, best of another account or provider.',
      )
    } else {
      remarks.warnings.push(
        'replica: it is in the same bucket as the backups, and goes with it. Name a bucket of another account or provider.',
      )
    }
  } else if (isInside(replica, primary) || isInside(primary, replica)) {
    problems.add(
      'replica',
      'is a folder of the directory that the backups are in, or the other way round. Name another disk.',
    )
  } else if (keyOf(replica.store) !== undefined && keyOf(replica.store) === keyOf(primary.store)) {
    remarks.warnings.push(
      'replica: both stores know the same key, so whoever has it can remove both copies. Use another account, or a key ' +
        'that may write to the replica only.',
    )
  }
}

/** Which bucket or directory it is. A bucket's name is AWS's alone, whatever the region. */
function placeOf(store: StoreRequest): string {
  if (store.kind === 'directory') return `file ${store.path}`
  return store.provider === 'aws' ? `aws ${store.bucket}` : `${store.endpoint ?? ''} ${store.bucket}`
}

function isInside(inner: ReplicaRequest, outer: ReplicaRequest): boolean {
  if (inner.store.kind !== 'directory' || outer.store.kind !== 'directory') return false
  return join(inner.store.path, inner.prefix, '/').startsWith(join(outer.store.path, outer.prefix, '/'))
}

function keyOf(store: StoreRequest): string | undefined {
  return store.kind === 's3' && store.credentials.kind === 'static'
    ? store.credentials.accessKeyId
    : undefined
}
