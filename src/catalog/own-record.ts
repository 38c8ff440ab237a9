import { z } from 'zod'
import { parseVerificationFile } from './names.ts'

/** Of a record, of whatever format: which backup it is of, and what it says. */
const claims = z.object({
  backup: z.string(),
  verdict: z.string(),
  manifestSha256: z.string(),
})

/** The backup that a record stands beside. */
export interface RecordedBackup {
  readonly id: string
  /** Of the manifest that stands there now. */
  readonly manifestSha256: string
}

/**
 * Why the record in `file` is no proof of the backup beside it, as the end of a sentence that begins with the file's name;
 * undefined where it is one. A listing knows its name only; whoever reads it asks here before anything of it counts.
 */
export function notOfBackup(
  bytes: Uint8Array,
  file: string,
  { id, manifestSha256 }: RecordedBackup,
): string | undefined {
  const record = claimsOf(bytes)
  if (record === undefined) return 'is no verification record that can be read'
  if (record.backup !== id) return 'is a record of another backup'
  if (record.manifestSha256 !== manifestSha256) return 'is a record of another manifest'
  if (record.verdict !== parseVerificationFile(file)?.verdict) return 'says another verdict than its name'
  return undefined
}

function claimsOf(bytes: Uint8Array): z.infer<typeof claims> | undefined {
  try {
    const parsed = claims.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    // Not JSON: somebody else's file, or a damaged one.
    return undefined
  }
}
