import { z } from 'zod'
import { LifeboatError } from '../errors.ts'

/**
 * The fingerprint: what a restored copy must hold to be equal to the snapshot that was dumped. Stored encrypted
 * beside the dump, because it names tables.
 */
export const CONTENTS_FORMAT = 1

const count = z.number().int().nonnegative()
/** A sum of 64-bit hashes: beyond what a number can hold. */
const digest = z
  .string()
  .regex(/^-?\d+$/)
  .nullable()
const integer = z.string().regex(/^-?\d+$/)

const contents = z.object({
  format: z.literal(CONTENTS_FORMAT),
  fingerprint: z.enum(['digest', 'counts', 'none']),
  tables: z.array(
    z.object({
      schema: z.string(),
      name: z.string(),
      oid: count,
      /** Null when not counted. */
      rows: count.nullable(),
      /** Order-independent, of the rows' text form; null when only counted. */
      digest,
      bytes: count,
      /** The columns in the digest, in its order. */
      columns: z.array(z.string()),
      /** What was hashed, where it is not the text form of rows: the table as COPY writes it. */
      hashed: z.literal('copy').optional(),
      /** Whose configuration it is: then only the rows count that the extension has declared as such. */
      extension: z.string().optional(),
    }),
  ),
  largeObjects: z.object({ objects: count, bytes: count.nullable(), digest }),
  /** Sequences are not transactional: the restored value lies between what was read before the dump and after it. */
  sequences: z.array(
    z.object({
      schema: z.string(),
      name: z.string(),
      before: integer,
      after: integer,
      calledBefore: z.boolean(),
      calledAfter: z.boolean(),
    }),
  ),
  /** Number of objects of each class in each schema; the schema is empty for what lives in none. */
  objects: z.array(z.object({ class: z.string(), schema: z.string(), count })),
  extensions: z.array(z.object({ name: z.string(), version: z.string() })),
  /** Roles that own something in the database, or are granted something in it. */
  roles: z.array(z.string()),
  settings: z.array(z.object({ role: z.string(), setting: z.string() })),
  acl: z.array(z.string()),
  owner: z.string(),
})
export type Contents = Readonly<z.infer<typeof contents>>
export type TableContents = Contents['tables'][number]
export type SequenceInterval = Contents['sequences'][number]

export function renderContents(value: Contents): Buffer {
  return Buffer.from(`${JSON.stringify(contents.parse(value))}\n`)
}

/** Reads what a backup gave back: untrusted. Throws `damaged`. */
export function parseContents(bytes: Uint8Array): Contents {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new LifeboatError('damaged', 'The fingerprint (contents) is not JSON.', { cause })
  }
  const parsed = contents.safeParse(value)
  if (parsed.success) return parsed.data
  throw new LifeboatError(
    'damaged',
    `The fingerprint (contents) is not valid: ${z.prettifyError(parsed.error)}`,
  )
}
