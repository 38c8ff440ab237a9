import { realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, isAbsolute, sep } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Variables that name a place which outlives a job on a self-hosted runner, or which a checkout fills. */
const JOBS_PLACES: Readonly<Record<string, string>> = {
  GITHUB_WORKSPACE: 'the workspace',
  RUNNER_WORKSPACE: 'the workspace',
  RUNNER_TEMP: 'the temporary folder',
  TMPDIR: 'the temporary folder',
  RUNNER_TOOL_CACHE: 'the tool cache',
  AGENT_TOOLSDIRECTORY: 'the tool cache',
}
const OPEN_PLACES = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm']
/** Groups below belong to the system: root, staff, macOS's admin and wheel. */
const FIRST_OTHER_GROUP = 100
const GROUP_WRITES = 0o020
const OTHERS_WRITE = 0o002
const STICKY = 0o1000

const known = new Map<string, string>()

/**
 * What of `environment.PATH` programs are taken from: absolute folders that no job without our secrets and no other user
 * of the machine can write. Not the workspace, the temporary folder and the tool cache, and on a runner not the home,
 * which are every job's; and nothing that is owned or writable by others than root and ourselves.
 */
export function trustedPath(environment: Environment): string {
  const names = ['PATH', 'HOME', 'GITHUB_ACTIONS', ...Object.keys(JOBS_PLACES)]
  const key = JSON.stringify(names.map((name) => environment[name] ?? null))
  const before = known.get(key)
  if (before !== undefined) return before
  const folders = foldersOf(environment).filter((folder) => whyNotFrom(folder, environment) === undefined)
  const path = folders.join(delimiter)
  known.set(key, path)
  return path
}

/** The folders of PATH that programs are not taken from, and why. */
export function refusedFolders(
  environment: Environment,
): { readonly folder: string; readonly why: string }[] {
  return foldersOf(environment).flatMap((folder) => {
    const why = whyNotFrom(folder, environment)
    return why === undefined ? [] : [{ folder, why }]
  })
}

/**
 * Why `path` is not run: somebody else than root and ourselves owns it or a folder above it, or may write there.
 * Undefined where it may be run, or is not there.
 */
export function whyNotRun(path: string): string | undefined {
  try {
    return writableByOthers(realpathSync(path))
  } catch {
    return undefined
  }
}

function foldersOf({ PATH = '' }: Environment): string[] {
  return PATH.split(delimiter).filter((folder) => isAbsolute(folder))
}

function whyNotFrom(folder: string, environment: Environment): string | undefined {
  const real = realOr(folder)
  const places = [
    ...Object.entries(JOBS_PLACES).map(([name, what]) => ({ place: environment[name], what })),
    ...OPEN_PLACES.map((place) => ({ place, what: 'a folder that everybody writes' })),
    ...(environment.GITHUB_ACTIONS === 'true'
      ? [{ place: environment.HOME, what: "the runner's home, which every job writes" }]
      : []),
  ]
  const below = places.find(
    ({ place }) => place && place !== '/' && `${real}${sep}`.startsWith(`${realOr(place)}${sep}`),
  )
  return below ? `it is below ${below.what}` : whyNotRun(folder)
}

function writableByOthers(path: string): string | undefined {
  const us = process.getuid?.()
  for (let at = path, below: string | undefined; ; below = at, at = dirname(at)) {
    const { mode, uid, gid } = statSync(at)
    if (uid !== 0 && uid !== us) return `${at} belongs to another user`
    // Of a sticky folder nobody removes what is another's.
    const open = below === undefined || (mode & STICKY) === 0
    if (open && (mode & OTHERS_WRITE) !== 0) return `everybody may write ${at}`
    if (open && (mode & GROUP_WRITES) !== 0 && gid >= FIRST_OTHER_GROUP && gid !== ourOwnGroup())
      return `a group may write ${at}`
    if (at === dirname(at)) return undefined
  }
}

/** Where each user has a group to themselves, what it may write only they may. */
function ourOwnGroup(): number | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  return uid === gid ? gid : undefined
}

function realOr(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path.replace(/(?<=.)\/+$/, '')
  }
}
