import { MANIFEST_FILE } from '../../src/catalog/names.ts'
import type { ActionOptions } from './action-runner.ts'
import type { BucketView } from './bucket-view.ts'
import { listed, type BackupSketch } from './catalog-listing.ts'
import type { Radosgw } from './radosgw.ts'

/** A step with `command: prune` (or another that only the catalog matters to), as a workflow writes it. */
export function catalogStep(
  command: 'prune' | 'lifecycle' | 'replicate' | 'check',
  { store, endpoint = store.endpoint }: { readonly store: Radosgw; readonly endpoint?: string },
  inputs: Readonly<Record<string, string>> = {},
): ActionOptions {
  return {
    inputs: { command, bucket: store.bucket, endpoint, region: store.region, ...inputs },
    env: { R2_ACCESS_KEY_ID: store.accessKeyId, R2_SECRET_ACCESS_KEY: store.secretAccessKey },
  }
}

/** Puts a backup's objects into a bucket; gives its folder. Their contents do not matter: nobody reads them. */
export async function putBackup(view: BucketView, prefix: string, sketch: BackupSketch): Promise<string> {
  const objects = listed(prefix, sketch)
  // As a backup does it: the manifest last.
  const last = ({ key }: { key: string }) => Number(key.endsWith(MANIFEST_FILE))
  for (const { key } of objects.toSorted((a, b) => last(a) - last(b))) await view.put(key, 'x'.repeat(100))
  const first = objects[0]?.key ?? ''
  return first.slice(0, first.lastIndexOf('/') + 1)
}

const HOUR = 3_600_000

/** So many hours before `now`, to the second. */
export function hoursAgo(hours: number, now = new Date()): Date {
  return new Date(Math.floor((now.getTime() - hours * HOUR) / 1000) * 1000)
}
