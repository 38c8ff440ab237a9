import { access, chmod, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProgramFolder } from './inputs/surroundings.ts'
import { everybodyMayEnter } from './postgres/enter.ts'
import type { Reporter } from './report/reporter.ts'

/** What is remembered of each kind of folder. */
const STATES = { disk: 'temporary', memory: 'memory', programs: 'programs' }

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

/**
 * A folder for the programs that this run brings, made anew when it first brings some: nothing that a run before, a cache
 * or another job left is executed. Everybody may enter it, for the throwaway server is another user's; only ours may write
 * it.
 */
export function programFolder(
  temporary: string,
  reporter: Pick<Reporter, 'saveState'>,
): ProgramFolder & AsyncDisposable {
  let folder: Promise<string> | undefined
  const brought = new Map<string, Promise<unknown>>()
  const make = async (): Promise<string> => {
    const made = await makeTemporary(await enterable([temporary, tmpdir(), '/tmp']), reporter, 'programs')
    await chmod(made, 0o755)
    return made
  }
  return {
    once: async (name, bring) => {
      folder ??= make()
      const begun = brought.get(name) ?? folder.then((made) => bring(join(made, name)))
      brought.set(name, begun)
      try {
        return (await begun) as Awaited<ReturnType<typeof bring>>
      } catch (error) {
        brought.delete(name)
        throw error
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true })
    },
  }
}

/** The first that everybody may enter and this user may write, else the first. */
async function enterable(parents: readonly [string, ...string[]]): Promise<string> {
  for (const parent of parents) {
    const fits = await access(parent, constants.W_OK).then(
      () => everybodyMayEnter(parent),
      () => false,
    )
    if (fits) return parent
  }
  return parents[0]
}

/** Removes what a killed run left. */
export async function removeRemembered(reporter: Pick<Reporter, 'state'>): Promise<void> {
  for (const state of Object.values(STATES)) {
    const folder = reporter.state(state)
    if (folder !== '') await rm(folder, { recursive: true, force: true })
  }
}
