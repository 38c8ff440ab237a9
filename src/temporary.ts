import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Reporter } from './report/reporter.ts'

/** What is remembered of each kind of folder. */
const STATES = { disk: 'temporary', memory: 'memory' }

/**
 * A folder of this run's own (0700), for what must not outlive it: passfiles, plain archives. Remembered in the step's
 * state, so that the post step removes it after a kill.
 */
export async function makeTemporary(
  parent: string,
  reporter: Pick<Reporter, 'saveState'>,
  on: keyof typeof STATES = 'disk',
): Promise<string> {
  const folder = await mkdtemp(join(parent, 'lifeboat-'))
  reporter.saveState(STATES[on], folder)
  return folder
}

/** Removes what a killed run left. */
export async function removeRemembered(reporter: Pick<Reporter, 'state'>): Promise<void> {
  for (const state of Object.values(STATES)) {
    const folder = reporter.state(state)
    if (folder !== '') await rm(folder, { recursive: true, force: true })
  }
}
