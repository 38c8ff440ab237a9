import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { refusedFolders, whyNotRun } from './trusted-path.ts'

const INSTALL: Readonly<Record<string, string>> = {
  xz: 'Install the package xz-utils (Debian, Ubuntu) or xz (Homebrew), or choose `compression: zstd`.',
  zstd: 'Install the package zstd, or choose `compression: xz`.',
  age: 'Install the package age (Debian 12, Ubuntu 22.04 and later, Homebrew).',
  dd: 'dd belongs to every Linux (package coreutils) and macOS: see that PATH has /bin and /usr/bin.',
}

/**
 * The file that is started for `program`: the first one on `environment.PATH` that may be executed and that nobody else
 * may write, or `program` itself where it is an absolute path. Undefined when there is none. The one door to programs.
 */
export function findOnPath(
  program: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const candidates = isAbsolute(program)
    ? [program]
    : (environment.PATH ?? '')
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, program))
  return candidates.find((file) => isExecutable(file) && whyNotRun(file) === undefined)
}

/** As `findOnPath`, but throws `platform`, with what to install, when there is none. */
export function requireProgram(
  program: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const found = findOnPath(program, environment)
  if (found !== undefined) return found
  const refused = refusal(program)
  if (refused !== undefined) throw refused
  if (isAbsolute(program)) throw new LifeboatError('platform', `${program} is missing or not executable.`)
  throw new LifeboatError('platform', `The program ${program} is not installed, or not on PATH.`, {
    hint: INSTALL[program] ?? `Install ${program}, or put its folder on PATH.`,
  })
}

/** Of a program that is there, where others could have put it. */
function refusal(program: string): LifeboatError | undefined {
  const places = isAbsolute(program)
    ? [{ file: program, why: whyNotRun(program) }]
    : refusedFolders(process.env).map(({ folder, why }) => ({ file: join(folder, program), why }))
  const found = places.find(({ file, why }) => why !== undefined && isExecutable(file))
  if (found === undefined) return undefined
  return new LifeboatError('platform', `${found.file} is not run: ${found.why ?? ''}.`, {
    hint: 'A job without secrets could have put it there. Install it where only root writes, for example with the package manager or sudo install … /usr/local/bin.',
  })
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
