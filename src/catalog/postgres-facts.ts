import { z } from 'zod'
import { count, sharedFacts, text, time } from './manifest-fields.ts'

/** One table, by OID: names stay in the encrypted fingerprint. */
const tableFacts = z.object({
  oid: count,
  /** Null when `fingerprint: none` left them uncounted. */
  rows: count.nullable(),
  /** Main fork and TOAST, without indexes. */
  bytes: count,
})
export type TableFacts = Readonly<z.infer<typeof tableFacts>>

/** What a PostgreSQL database says of its backup. */
export const postgresFacts = sharedFacts.extend({
  source: z.literal('postgres'),
  snapshot: z.object({
    time,
    /** Write-ahead log position, `0/16B3748`; null where it may not be read. */
    wal: z.string().max(40).nullable(),
  }),
  server: z.object({
    /** `15.18` */
    version: z.string().max(100),
    /** 150018 */
    versionNumber: count,
    /** Tells one cluster from another; null where it may not be read. */
    systemIdentifier: z.string().max(40).nullable(),
    standby: z.boolean(),
    encoding: z.string().max(40),
    collate: text,
    ctype: text,
    /** `libc`, `icu`, `builtin`. */
    localeProvider: z.string().max(20),
    /** The provider's own locale, where it is not libc's. */
    locale: text.nullable(),
  }),
  contents: z.object({
    fingerprint: z.enum(['digest', 'counts', 'none']),
    /** `pg_database_size()` */
    databaseBytes: count,
    tables: count,
    /** Null when `fingerprint: none` left them uncounted. */
    rows: count.nullable(),
    largeObjects: count,
    perTable: z.array(tableFacts).max(1_000_000),
  }),
})
export type PostgresFacts = Readonly<z.infer<typeof postgresFacts>>
