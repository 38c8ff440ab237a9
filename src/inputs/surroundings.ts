import { tmpdir } from 'node:os'
import { trustedPath } from '../pipeline/trusted-path.ts'

/** Keeps nothing from one run to the next, and nobody else writes it. */
export interface ProgramFolder {
  /** What `bring` gives, which is called once in a run for each name, with a folder that is not there yet. */
  once<Brought>(name: string, bring: (folder: string) => Promise<Brought>): Promise<Brought>
}

/** What a run finds around itself, on a runner or elsewhere. None of it is a choice of the user's. */
export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** The folders of the PATH variable that programs are taken from. */
  readonly path: string
  /** An existing directory for what goes with the job. */
  readonly temporary: string
  /** Where programs go that this run brings. */
  readonly programs: ProgramFolder
  /** Which run this is, for the manifest; empty outside GitHub. */
  readonly run: Readonly<Record<string, string>>
}

const RUN_FACTS: Readonly<Record<string, string>> = {
  repository: 'GITHUB_REPOSITORY',
  workflow: 'GITHUB_WORKFLOW',
  run: 'GITHUB_RUN_ID',
  attempt: 'GITHUB_RUN_ATTEMPT',
  actor: 'GITHUB_ACTOR',
  event: 'GITHUB_EVENT_NAME',
  ref: 'GITHUB_REF',
  commit: 'GITHUB_SHA',
  runner: 'RUNNER_NAME',
}

/** Which run this is and where GitHub stands, for those who are told of it; empty outside GitHub. */
export function readRun(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return factsIn(env, { ...RUN_FACTS, server: 'GITHUB_SERVER_URL' })
}

export function readSurroundings(
  env: Readonly<Record<string, string | undefined>>,
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'>,
): Omit<Surroundings, 'programs'> {
  const temporary = env.RUNNER_TEMP ?? tmpdir()
  return {
    platform,
    arch,
    path: trustedPath({ ...env, PATH: env.PATH ?? '/usr/local/bin:/usr/bin:/bin' }),
    temporary,
    run: factsIn(env, RUN_FACTS),
  }
}

function factsIn(
  env: Readonly<Record<string, string | undefined>>,
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const facts = Object.entries(variables).flatMap(([fact, variable]) => {
    const value = env[variable]
    return value === undefined || value === '' ? [] : [[fact, value] as const]
  })
  return Object.fromEntries(facts)
}
