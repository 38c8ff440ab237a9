import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import type { MeilisearchClient } from './client.ts'
import { MeilisearchRefusal } from './failure.ts'
import type { Task } from './task-answer.ts'

export interface FollowOptions {
  /** What it does, for messages: `adding documents to "products"`. */
  readonly what: string
  readonly clock: Clock
  /** Milliseconds without progress after which it is canceled and given up. */
  readonly limitMs: number
  /** Told now and then how far it is; percent, where the server says. */
  readonly progress?: (state: {
    readonly status: Task['status']
    readonly percent: number | undefined
  }) => void
}

const FIRST_LOOK_MS = 20
const LONGEST_PAUSE_MS = 1_000
/** A task that takes longer is worth asking for its progress. */
const ASK_PROGRESS_MS = 2_000

/**
 * Waits until a task has succeeded: a 202 says only that it was written down. Throws `meilisearch` with the server's
 * reason where it failed or somebody else canceled it, `stall` after `limitMs` in which nothing moved. A task that is given up, because of
 * the limit or because the run was cancelled, is canceled on the server.
 */
export async function followTask(
  client: MeilisearchClient,
  uid: number,
  options: FollowOptions,
): Promise<Task> {
  const { what, clock, limitMs, progress } = options
  const begun = clock.elapsed()
  let moved = begun
  let pause = FIRST_LOOK_MS
  let seen: string | undefined
  try {
    for (;;) {
      const task = await client.task(uid)
      if (task.status === 'succeeded') return task
      if (task.status === 'failed' || task.status === 'canceled') throw taskFailure(client, task, what)
      const now = clock.elapsed()
      const percent = now - begun < ASK_PROGRESS_MS ? undefined : await percentOf(client, task)
      const state = `${task.status} ${percent ?? ''}`
      if (state !== seen) {
        moved = now
        progress?.({ status: task.status, percent })
      }
      seen = state
      const still = now - moved
      if (still >= limitMs) throw tooSlow(client, task, { what, limitMs })
      await pauseUnlessAborted(Math.min(pause, limitMs - still), client.signal)
      pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)
    }
  } catch (error) {
    if (client.signal.aborted || (error instanceof LifeboatError && error.code === 'stall')) {
      await cancelQuietly(client, uid)
    }
    throw error
  }
}

function taskFailure({ host }: MeilisearchClient, { uid, status, error }: Task, what: string): LifeboatError {
  if (status === 'canceled') {
    return new LifeboatError(
      'meilisearch',
      `Somebody canceled task ${uid} of Meilisearch at ${host} (${what}).`,
      {
        hint: 'Find out who cancels tasks there, and run again.',
      },
    )
  }
  return new MeilisearchRefusal(
    { status: 202, apiCode: error?.code },
    'meilisearch',
    `Meilisearch at ${host} accepted ${what}, and then failed to do it (task ${uid}): ${error?.message ?? 'it gave no reason.'}`,
    { hint: "The reason is Meilisearch's own; its log may say more. Mend that and run again." },
  )
}

function tooSlow(
  { host }: MeilisearchClient,
  { uid, status }: Task,
  { what, limitMs }: { what: string; limitMs: number },
): LifeboatError {
  return new LifeboatError(
    'stall',
    `Task ${uid} of Meilisearch at ${host} (${what}) is still ${status}, and nothing moved for ${Math.round(limitMs / 1000)} s; it was canceled.`,
    {
      hint: 'Look at its queue (GET /tasks) and its log: it may wait behind other tasks. limits: stall=… sets how long is waited.',
    },
  )
}

/** Servers before 1.12 know no batches: then there is nothing to tell. */
async function percentOf(client: MeilisearchClient, { batchUid }: Task): Promise<number | undefined> {
  if (batchUid === null || batchUid === undefined) return undefined
  try {
    return await client.batchProgress(batchUid)
  } catch (error) {
    if (error instanceof MeilisearchRefusal) return undefined
    throw error
  }
}

/** The reason for giving up is told; that the cancellation failed too would only hide it. */
async function cancelQuietly(client: MeilisearchClient, uid: number): Promise<void> {
  try {
    await client.afterAbort().cancelTasks([uid])
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error
  }
}

async function pauseUnlessAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch {
    throw signal.reason
  }
}
