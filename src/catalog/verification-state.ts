import { parseVerificationFile, type Verdict } from './names.ts'

/** What the records beside a backup say. */
export interface VerificationState {
  readonly verdict: Verdict
  readonly time: Date
}

/**
 * The record that holds among the files of a backup's folder: the latest `ok` or `failed`, else the latest `partial`,
 * which never takes an `ok` away. Of two records of one second the bad news holds. Undefined: never verified.
 */
export function verificationState(files: readonly string[]): VerificationState | undefined {
  return files
    .flatMap((file) => parseVerificationFile(file) ?? [])
    .sort((a, b) => rank(b) - rank(a) || b.time.getTime() - a.time.getTime() || bad(b) - bad(a))[0]
}

function rank({ verdict }: VerificationState): number {
  return verdict === 'partial' ? 0 : 1
}

function bad({ verdict }: VerificationState): number {
  return verdict === 'failed' ? 1 : 0
}
