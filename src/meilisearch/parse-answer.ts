import { z } from 'zod'
import { garbled } from './failure.ts'

/** Throws `meilisearch` where the body is not JSON, or not of that shape. */
export function parseAnswer<T>(
  asked: { readonly method: string; readonly path: string; readonly host: string },
  body: Uint8Array,
  schema: z.ZodType<T>,
): T {
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch (cause) {
    throw garbled(asked, 'it is not JSON', cause)
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  throw garbled(asked, z.prettifyError(parsed.error).replace(/\s+/g, ' '))
}
