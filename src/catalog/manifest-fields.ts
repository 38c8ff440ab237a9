import { z } from 'zod'

/** What the parts of a manifest are made of. What comes back from a bucket is untrusted: everything has a limit. */

export const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
export const time = z.iso.datetime()
export const text = z.string().max(10_000)
export const hexDigest = z.string().regex(/^[0-9a-f]{64}$/)

/** A file inside the backup's own folder: a manifest must not be able to point anywhere else. */
const fileName = z
  .string()
  .regex(/^[A-Za-z0-9%_-][A-Za-z0-9%._-]*$/)
  .max(400)

export const artifactRole = z.enum(['dump', 'globals', 'contents'])
export type ArtifactRole = z.infer<typeof artifactRole>

const artifact = z.object({
  role: artifactRole,
  file: fileName,
  /** As stored. */
  bytes: count,
  /** Of the stored bytes, lower-case hexadecimal. */
  sha256: hexDigest,
  /** Before compression and encryption. */
  plainBytes: count,
  /** `xz:6`, `zstd:3`, `none`. */
  compression: z.string().max(20),
  /** Public age recipients; empty when the artifact is not encrypted. */
  recipients: z.array(z.string().max(4_000)).max(100),
})
export type Artifact = Readonly<z.infer<typeof artifact>>

/** What every source says of what it captured. */
export const sharedFacts = z.object({
  artifacts: z.array(artifact).min(1).max(100),
  /** Program to version: `pg_dump` to `15.18`. */
  tools: z.record(z.string(), z.string().max(200)),
  /** What could not be read or is not carried, in sentences. */
  notes: z.array(text).max(1_000),
  /** Duration of each phase, in seconds. */
  seconds: z.record(z.string(), z.number().nonnegative()),
  /** Lines that restore this backup on a fresh server with standard programs only. */
  recovery: z.array(text).max(200),
})
