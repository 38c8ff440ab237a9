import { z } from 'zod'
import { count, hexDigest, sharedFacts, time } from './manifest-fields.ts'

/** One index, by a part of the SHA-256 of its uid: names stay in the encrypted contents. */
const indexFacts = z.object({
  index: z.string().regex(/^[0-9a-f]{16}$/),
  documents: count,
  /** Of its documents in the dump, one line each. */
  bytes: count,
  /** Does not depend on the order of the documents. */
  documentsDigest: hexDigest,
  settingsDigest: hexDigest,
  /** False where it changed while it was read, and `allow-inconsistent` let it pass. */
  consistent: z.boolean(),
})
export type IndexFacts = Readonly<z.infer<typeof indexFacts>>

/** What a Meilisearch server says of its backup. */
export const meilisearchFacts = sharedFacts.extend({
  source: z.literal('meilisearch'),
  snapshot: z.object({
    /** When the first index was begun to be read, or the server's dump was made. */
    time,
  }),
  server: z.object({
    /** `1.50.0` */
    version: z.string().max(100),
  }),
  contents: z.object({
    /** `api`: built from the HTTP API, one index after another; `server`: the server's own dump. */
    way: z.enum(['api', 'server']),
    indexes: count,
    documents: count,
    /** Of all documents in the dump. */
    bytes: count,
    keys: count,
    /** Secrets that the API did not give, and that a restore has to ask for. */
    redacted: count,
    perIndex: z.array(indexFacts).max(1_000_000),
  }),
})
export type MeilisearchFacts = Readonly<z.infer<typeof meilisearchFacts>>
