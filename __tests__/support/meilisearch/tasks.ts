import { TaskFailure } from './database.ts'

export type TaskStatus = 'enqueued' | 'processing' | 'succeeded' | 'failed' | 'canceled'

export interface StoredTask {
  readonly uid: number
  batchUid: number | null
  readonly indexUid: string | null
  status: TaskStatus
  readonly type: string
  canceledBy: number | null
  details: Record<string, unknown> | null
  error: Record<string, string> | null
  duration: string | null
  readonly enqueuedAt: string
  startedAt: string | null
  finishedAt: string | null
}

/** Does the work; gives what the task's details say in the end, or throws `TaskFailure`. */
export type Work = () => Record<string, unknown> | null | Promise<Record<string, unknown> | null>

export interface TaskQueue {
  readonly all: readonly StoredTask[]
  add(
    task: { type: string; indexUid: string | null; details?: Record<string, unknown> | null },
    work: Work,
  ): StoredTask
  cancel(uids: readonly number[], by: number): number
}

/** One after another, as the server does; each begins after `delayMs`, and not at all while that is infinite. */
export function taskQueue(now: () => string, delayMs: () => number): TaskQueue {
  const all: StoredTask[] = []
  const waiting: { task: StoredTask; work: Work }[] = []
  let running = false

  async function run(): Promise<void> {
    if (running) return
    running = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { task, work } = next
      if (task.status !== 'enqueued') continue
      task.status = 'processing'
      task.batchUid = task.uid
      task.startedAt = now()
      await delayed(task, delayMs)
      if ((task.status as TaskStatus) === 'canceled') continue
      try {
        task.details = (await work()) ?? task.details
        task.status = 'succeeded'
      } catch (error) {
        if (!(error instanceof TaskFailure)) throw error
        task.status = 'failed'
        const { code, message } = error
        task.error = {
          message,
          code,
          type: 'invalid_request',
          link: `https://docs.meilisearch.com/errors#${code}`,
        }
      }
      task.duration = 'PT0.001S'
      task.finishedAt = now()
    }
    running = false
  }

  return {
    all,
    add({ type, indexUid, details = null }, work) {
      const task: StoredTask = {
        uid: all.length,
        batchUid: null,
        indexUid,
        status: 'enqueued',
        type,
        canceledBy: null,
        details,
        error: null,
        duration: null,
        enqueuedAt: now(),
        startedAt: null,
        finishedAt: null,
      }
      all.push(task)
      waiting.push({ task, work })
      setImmediate(() => void run())
      return task
    },
    cancel(uids, by) {
      const stopped = all.filter(
        ({ uid, status }) => uids.includes(uid) && ['enqueued', 'processing'].includes(status),
      )
      for (const task of stopped) {
        task.status = 'canceled'
        task.canceledBy = by
        task.finishedAt = now()
      }
      return stopped.length
    },
  }
}

/** Looks again and again, so that a task that would wait for ever can be canceled. */
async function delayed(task: StoredTask, delayMs: () => number): Promise<void> {
  const begun = performance.now()
  while (task.status === 'processing' && performance.now() - begun < delayMs()) {
    await new Promise((resolve) => setTimeout(resolve, 5).unref())
  }
}
