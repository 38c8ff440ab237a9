import type { S3Client } from '@aws-sdk/client-s3'

/** How far the store's clock is ahead of ours, in milliseconds; undefined before its first answer. */
export interface StoreClock {
  skewMs(): number | undefined
}

/** Reads the `Date` of every answer that the client gets, so that asking for the time costs no request. */
export function watchClock(client: S3Client, now: () => number = Date.now): StoreClock {
  let skew: number | undefined
  client.middlewareStack.add(
    (next) => async (args) => {
      const sent = now()
      const result = await next(args)
      const told = Date.parse(dateOf(result.response) ?? '')
      // The header has whole seconds: half of one is what it leaves out on average.
      if (!Number.isNaN(told)) skew = told + 500 - (sent + now()) / 2
      return result
    },
    // Next to the wire, where answers that are errors are seen too.
    { step: 'deserialize', priority: 'low', name: 'lifeboatClock' },
  )
  return { skewMs: () => skew }
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined
  const { headers } = response
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined
  return typeof headers.date === 'string' ? headers.date : undefined
}
