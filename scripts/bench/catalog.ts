import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { startAction } from '../../__tests__/support/action-runner.ts'
import { listed } from '../../__tests__/support/catalog-listing.ts'
import { startListingServer } from '../../__tests__/support/listing-server.ts'
import { hoursAgo } from '../../__tests__/support/prune-step.ts'
import { watchStep } from './step-watch.ts'

export const BACKUPS = 100_000
/** A backup has four artifacts and a record of its verification. */
const FILES = 4

export interface PlannedCatalog {
  readonly backups: number
  /** Processor seconds from the first object of the listing to the plan. */
  readonly seconds: number
  readonly peakRss: number
}

export interface ListedCatalog {
  readonly objects: number
  readonly lists: number
  /** Requests that were no list of objects. */
  readonly others: number
  /** Wall time of the whole step, the server that makes the listing up included. */
  readonly seconds: number
  readonly peakRss: number
}

/** Reads and plans a large catalog, without a store, in a process of its own. */
export async function planLargeCatalog(): Promise<PlannedCatalog> {
  const program = resolve(import.meta.dirname, '../../__tests__/support/large-catalog.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(BACKUPS)])
  const answer = JSON.parse(stdout) as { milliseconds: number; peakBytes: number; backups: number }
  return { backups: answer.backups, seconds: answer.milliseconds / 1000, peakRss: answer.peakBytes }
}

/** The whole of `command: prune` with `dry-run`, in a bucket that only pretends to hold so much. */
export async function listLargeCatalog(bundle: string | undefined): Promise<ListedCatalog> {
  const now = new Date()
  // Oldest first, as their names sort.
  await using server = await startListingServer(BACKUPS * FILES, (index) => {
    const number = Math.floor(index / FILES)
    const found = listed('db/', { time: hoursAgo(BACKUPS - number, now), number, verdicts: ['ok'] })
    const object = found[index % FILES]
    if (!object) throw new Error('a backup has fewer files')
    return object
  })
  const begun = performance.now()
  await using action = await startAction({
    inputs: {
      command: 'prune',
      bucket: 'huge',
      endpoint: server.endpoint,
      keep: 'last=24 daily=30 monthly=12',
      'dry-run': 'true',
      confirm: 'app',
    },
    env: { R2_ACCESS_KEY_ID: 'somebody', R2_SECRET_ACCESS_KEY: 'some-secret-key' },
    ...(bundle !== undefined && { entry: bundle }),
  })
  const peaks = watchStep(action.pid, [])
  const result = await action.finished()
  const { rss } = await peaks()
  const seen = Number(result.outputs['removed']) + Number(result.outputs['kept'])
  if (result.exitCode !== 0 || seen !== BACKUPS) throw new Error(`The prune failed:\n${result.log}`)
  const lists = server.requests.filter((line) => /list-type=2(?!.*_lifeboat)/.test(line)).length
  return {
    objects: BACKUPS * FILES,
    lists,
    others: server.requests.length - lists,
    seconds: (performance.now() - begun) / 1000,
    peakRss: rss,
  }
}
