import { parseCatalogFile, type CatalogFile } from './files.ts'
import type { BackupId, Verdict } from './names.ts'

/** What is known of a name while its listing is read. */
export interface NameDraft {
  readonly name: string
  readonly encoded: string
  readonly folders: Map<BackupId, FolderDraft>
  /**
   * What files are, and one string for each name, however many backups have it. What says more by its name is not in it:
   * verification records, and commit markers of formats that are not known.
   */
  readonly files: Map<string, { readonly file: string; readonly kind: CatalogFile['kind'] }>
}

/** What is known of a folder while its listing is read. */
export interface FolderDraft {
  committed: boolean
  /** The format of its commit marker, where this version does not know it. */
  newer: number | undefined
  removing: boolean
  recorded: boolean
  verdict: 'ok' | 'failed' | 'none'
  /** Of the record that `verdict` is from. */
  verdictTime: number
  bytes: number
  lastActivity: number
  foreign: number
  readonly files: string[]
}

/** A copy: a part of a string keeps the whole of it in memory, and that may be a page of a listing. */
export function ownText(text: string): string {
  return Buffer.from(text).toString()
}

export function emptyFolder(): FolderDraft {
  return {
    committed: false,
    newer: undefined,
    removing: false,
    recorded: false,
    verdict: 'none',
    verdictTime: Number.NEGATIVE_INFINITY,
    bytes: 0,
    lastActivity: Number.NEGATIVE_INFINITY,
    foreign: 0,
    files: [],
  }
}

/** False when the file is not the catalog's. */
export function addFile(folder: FolderDraft, file: string, { encoded, files }: NameDraft): boolean {
  let known = files.get(file)
  if (known === undefined) {
    const parsed = parseCatalogFile(file, encoded)
    if (parsed === undefined) return false
    known = { file: ownText(file), kind: parsed.kind }
    if (parsed.kind === 'verification') addVerdict(folder, parsed.verdict, parsed.time.getTime())
    else if (parsed.kind === 'newer') folder.newer = Math.max(folder.newer ?? 0, parsed.format)
    else files.set(known.file, known)
  }
  folder.committed ||= known.kind === 'manifest'
  folder.removing ||= known.kind === 'removing'
  folder.recorded ||= known.kind === 'verification' || known.kind === 'detail'
  folder.files.push(known.file)
  return true
}

function addVerdict(folder: FolderDraft, verdict: Verdict, time: number): void {
  // Two records of one second: the bad news holds.
  const later = time > folder.verdictTime || (time === folder.verdictTime && verdict === 'failed')
  if (verdict === 'partial' || !later) return
  folder.verdict = verdict
  folder.verdictTime = time
}
