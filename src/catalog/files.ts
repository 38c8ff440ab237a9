import { FORMAT, manifestFormat, parseVerificationFile, type Verdict } from './names.ts'

/**
 * Written into a backup's folder right before its manifest is removed, and removed last: a folder that holds it and
 * no manifest is a removal that was broken off, whatever else is in it, and the next prune ends it. Beside a manifest
 * it means nothing.
 */
export const REMOVING_FILE = 'removing.json'

/** What a file in a backup's folder is. */
export type CatalogFile =
  | { readonly kind: 'manifest' | 'removing' | 'artifact' | 'detail' }
  /** The commit marker of a format that this version does not know. */
  | { readonly kind: 'newer'; readonly format: number }
  | { readonly kind: 'verification'; readonly time: Date; readonly verdict: Verdict }

const DETAIL = /^verified-\d{8}T\d{6}Z-(ok|partial|failed)\.[a-z0-9.]+$/

/**
 * Tells a file in a backup's folder by its name; `encodedName` is the backup's, encoded. Undefined for what the
 * catalog never writes: somebody else put it there, and it is theirs.
 */
export function parseCatalogFile(file: string, encodedName: string): CatalogFile | undefined {
  const format = manifestFormat(file)
  if (format !== undefined) return format === FORMAT ? { kind: 'manifest' } : { kind: 'newer', format }
  if (file === REMOVING_FILE) return { kind: 'removing' }
  const record = parseVerificationFile(file)
  if (record) return { kind: 'verification', ...record }
  if (DETAIL.test(file)) return { kind: 'detail' }
  return file.startsWith(`${encodedName}.`) && file.length > encodedName.length + 1
    ? { kind: 'artifact' }
    : undefined
}
