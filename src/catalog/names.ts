import { LifeboatError } from '../errors.ts'

/**
 * `20261122T021500Z-1a2b3c`: the UTC time of the snapshot, to the second, and six random hexadecimal digits.
 * Only digits, `T`, `Z`, `-` and hexadecimal digits: a runner drops an output that holds a masked string, and
 * nobody's password looks like this. Ids sort by time.
 */
export type BackupId = string

const ID = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-[0-9a-f]{6}$/

/** `time` is the snapshot's; `random` six lower-case hexadecimal digits. */
export function backupId(time: Date, random: string): BackupId {
  const id = `${compactTime(time)}-${random}`
  if (!isBackupId(id)) throw new TypeError(`not a backup id: ${id}`)
  return id
}

export function isBackupId(text: string): boolean {
  return ID.test(text) && !Number.isNaN(timeOf(text).getTime())
}

/** The snapshot's time, to the second, read from the id. Invalid Date when the digits are no time. */
export function timeOf(id: BackupId): Date {
  return new Date(id.replace(ID, '$1-$2-$3T$4:$5:$6Z'))
}

/** `20261122T021500Z` */
export function compactTime(time: Date): string {
  return time
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')
}

/**
 * A database may be called anything, `a/../b` included; an object's name may not. Percent-encodes (UTF-8) all
 * but `[A-Za-z0-9._-]`, and a leading `_` (ours: `_lifeboat/`) or `.`.
 */
export function encodeName(name: string): string {
  if (name === '') throw new LifeboatError('input', 'A backup cannot have an empty name.')
  return [...Buffer.from(name, 'utf8')]
    .map((byte, index) => {
      const character = String.fromCharCode(byte)
      const plain = /[A-Za-z0-9._-]/.test(character) && !(index === 0 && /[._]/.test(character))
      return plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

/** The inverse of `encodeName`; undefined when `encoded` is not what `encodeName` writes. */
export function decodeName(encoded: string): string | undefined {
  try {
    const name = decodeURIComponent(encoded)
    return name !== '' && encodeName(name) === encoded ? name : undefined
  } catch {
    return undefined
  }
}

/** `db/app/`: all backups of one name. It ends with `/`, or `app` would list `app_staging` too. */
export function nameFolder(prefix: string, name: string): string {
  return `${prefix}${encodeName(name)}/`
}

/** `db/app/20261122T021500Z-1a2b3c/`: one backup. */
export function backupFolder(prefix: string, name: string, id: BackupId): string {
  return `${nameFolder(prefix, name)}${id}/`
}

/** Where Lifeboat keeps what belongs to no backup: audit trail and probes. No backup's name begins with `_`. */
export function ownFolder(prefix: string): string {
  return `${prefix}_lifeboat/`
}

/** The format of the manifests that this version writes, and the only one that it reads. */
export const FORMAT = 1

export const MANIFEST_FILE = 'manifest.json'

const MANIFEST = /^manifest(?:-([1-9]\d{0,5}))?\.json$/

/**
 * The format that a commit marker's name tells: 1 of `manifest.json`, 2 of `manifest-2.json`. It stands in the name so that
 * a listing is enough to tell what this version does not know. Undefined for every other file.
 */
export function manifestFormat(file: string): number | undefined {
  const match = MANIFEST.exec(file)
  if (!match) return undefined
  if (match[1] === undefined) return 1
  return match[1] === '1' ? undefined : Number(match[1])
}

export type Verdict = 'ok' | 'partial' | 'failed'

const VERIFICATION = /^verified-(\d{8}T\d{6}Z)-(ok|partial|failed)\.json$/

/** `verified-20261122T043000Z-ok.json`: the verdict is in the name, so that a listing is enough for retention. */
export function verificationFile(time: Date, verdict: Verdict): string {
  return `verified-${compactTime(time)}-${verdict}.json`
}

export function parseVerificationFile(file: string): { time: Date; verdict: Verdict } | undefined {
  const match = VERIFICATION.exec(file)
  if (!match) return undefined
  const time = timeOf(`${match[1] ?? ''}-000000`)
  return Number.isNaN(time.getTime()) ? undefined : { time, verdict: match[2] as Verdict }
}

/** What a key under `prefix` belongs to; undefined for everything that is not the catalog's. */
export function parseKey(
  prefix: string,
  key: string,
): { name: string; id: BackupId; file: string } | undefined {
  if (!key.startsWith(prefix)) return undefined
  const [encoded, id, file, ...rest] = key.slice(prefix.length).split('/')
  if (encoded === undefined || id === undefined || !file || rest.length > 0) return undefined
  const name = decodeName(encoded)
  return name !== undefined && isBackupId(id) ? { name, id, file } : undefined
}
