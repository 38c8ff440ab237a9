import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Reporter } from './report/reporter.ts'

const STATE = 'temporary'

/**
 * A folder of this run's own (0700), for what must not outlive it: passfiles. Remembered in the step's state, so that
 * the post step removes it after a kill.
 */
export async function makeTemporary(parent: string, reporter: Pick<Reporter, 'saveState'>): Promise<string> {
  const folder = await mkdtemp(join(parent, 'lifeboat-'))
  reporter.saveState(STATE, folder)
  return folder
}

/** Removes what a killed run left. */
export async function removeRemembered(reporter: Pick<Reporter, 'state'>): Promise<void> {
  const folder = reporter.state(STATE)
  if (folder !== '') await rm(folder, { recursive: true, force: true })
}
