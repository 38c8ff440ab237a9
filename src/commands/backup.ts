import type { Source } from '../catalog/source.ts'
import { LifeboatError } from '../errors.ts'
import {
  backUpSource,
  type BackupSettings,
  type BackupSurroundings,
  type CommittedBackup,
} from './backup-source.ts'

/** What became of one source. */
export type BackupOutcome =
  | { readonly name: string; readonly committed: CommittedBackup; readonly error?: never }
  | { readonly name: string; readonly error: unknown; readonly committed?: never }

/**
 * Backs up one source after another; one that fails does not stop the others. Whoever calls this makes the step red
 * when any of them failed. A cancelled run stops at once.
 */
export async function backup(
  sources: readonly Source[],
  settings: BackupSettings,
  around: BackupSurroundings,
): Promise<BackupOutcome[]> {
  const outcomes: BackupOutcome[] = []
  for (const source of sources) {
    const { name } = source
    if (around.signal.aborted) {
      outcomes.push({
        name,
        error: new LifeboatError('cancelled', `"${name}" was not begun: the run was cancelled.`),
      })
      continue
    }
    try {
      const committed = await backUpSource(source, settings, around)
      outcomes.push({ name, committed })
    } catch (error) {
      outcomes.push({ name, error })
      if (sources.length > 1) around.log.warning(`"${name}" failed; the others go on. ${String(error)}`)
    }
  }
  return outcomes
}
