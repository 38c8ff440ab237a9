import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, otherSuite } from './other-suite.ts'
import { bindToOwnLibraries } from './own-libraries.ts'
import { runProgram } from './run-program.ts'

export interface PostgresMajor {
  readonly major: number
  /** Holds the server's programs and the client's. */
  readonly binDir: string
}

/** The servers with their clients that stand on this system, oldest first. */
export async function installedMajors(root = '/'): Promise<readonly PostgresMajor[]> {
  const names = await readdir(join(root, 'usr/lib/postgresql')).catch((): string[] => [])
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const binDir = join(root, 'usr/lib/postgresql', name, 'bin')
        const programs = await readdir(binDir).catch((): string[] => [])
        const whole = ['initdb', 'postgres', 'pg_dump'].every((program) => programs.includes(program))
        return whole ? [{ major: Number(name), binDir }] : []
      }),
  )
  return found.flat().sort((a, b) => a.major - b.major)
}

/**
 * Two majors, oldest first: this system's, and where it has only one, another of another suite of its
 * distribution, unpacked beside the system and made to run with its own libraries (about 45 MB, once).
 */
export async function twoMajors(): Promise<readonly [PostgresMajor, PostgresMajor]> {
  const installed = await installedMajors()
  const [first] = installed
  if (!first) throw new Error('No PostgreSQL server is installed: npm test installs one.')
  const last = installed.at(-1)
  const other = last && last !== first ? last : await anotherMajor(first.major)
  return first.major < other.major ? [first, other] : [other, first]
}

async function anotherMajor(than: number): Promise<PostgresMajor> {
  const folder = await cached(
    `postgresql-beside-${than}`,
    async (draft, final) => {
      const suite = await otherSuite()
      const candidates = [17, 18, 16, 15, 14].filter((major) => major !== than)
      const name = await suite.first(candidates.map((major) => `postgresql-${major}`))
      if (name === undefined) throw new Error('The other suite of this distribution has no other PostgreSQL.')
      await suite.unpack([name], draft, { libraries: true })
      const home = join('usr/lib/postgresql', name.replace(/\D+/, ''))
      // Without it the server knows that it cannot compile queries; with it, but without the compiler, it fails.
      await rm(join(draft, home, 'lib/llvmjit.so'), { force: true })
      await bindToOwnLibraries(draft, final, join(home, 'bin'))
    },
    async (made) => runProgram(join((await only(made)).binDir, 'postgres'), ['--version']),
  )
  return only(folder)
}

async function only(root: string): Promise<PostgresMajor> {
  const [major] = await installedMajors(root)
  if (!major) throw new Error(`No PostgreSQL is unpacked in ${root}.`)
  return major
}
