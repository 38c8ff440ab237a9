import { z } from 'zod'
import { LifeboatError } from '../errors.ts'

/** What a dump holds, with the names of indexes: stored as the artifact `contents`, encrypted like the dump. */

const count = z.number().int().nonnegative()
const digest = z.string().regex(/^[0-9a-f]{64}$/)

const indexContents = z.object({
  uid: z.string(),
  primaryKey: z.string().nullable(),
  documents: count,
  /** Of its documents in the dump, one line each. */
  bytes: count,
  documentsDigest: digest,
  settingsDigest: digest,
  consistent: z.boolean(),
  /** Embedders whose API keys are not in the dump: they have to be given to a restore. */
  hiddenKeys: z.array(z.string()),
  /** Embedders that are not in the dump, by name, without their keys: see `importable-settings.ts`. */
  apart: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
})
export type IndexContents = Readonly<z.infer<typeof indexContents>>

const contents = z.object({
  format: z.literal(1),
  way: z.enum(['api', 'server']),
  indexes: z.array(indexContents),
  /** Uids of API keys; the keys themselves follow from them and the master key. */
  keys: z.array(z.string()),
  /** Secrets that the API hid, in words. */
  hidden: z.array(z.string()),
})
export type MeilisearchContents = Readonly<z.infer<typeof contents>>

export function renderContents(content: MeilisearchContents): Buffer {
  return Buffer.from(`${JSON.stringify(contents.parse(content), null, 1)}\n`)
}

/** Throws `damaged`. */
export function parseContents(bytes: Uint8Array): MeilisearchContents {
  try {
    return contents.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (cause) {
    throw new LifeboatError(
      'damaged',
      'The contents of this backup are not what Lifeboat writes for Meilisearch.',
      {
        cause,
      },
    )
  }
}
