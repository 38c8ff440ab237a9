import { z } from 'zod'

export const taskSchema = z.object({
  uid: z.number(),
  batchUid: z.number().nullish(),
  indexUid: z.string().nullish(),
  status: z.enum(['enqueued', 'processing', 'succeeded', 'failed', 'canceled']),
  type: z.string(),
  details: z.record(z.string(), z.unknown()).nullish(),
  error: z.object({ message: z.string(), code: z.string() }).nullish(),
  finishedAt: z.string().nullish(),
})
export type Task = Readonly<z.infer<typeof taskSchema>>

export const taskListSchema = z.object({ results: z.array(taskSchema), total: z.number().optional() })
export type TaskList = Readonly<z.infer<typeof taskListSchema>>
