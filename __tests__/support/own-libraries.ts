import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

/**
 * Makes the programs of `<draft>/<programs>` run with the loader and the libraries unpacked beside them, which
 * may need a newer C library than this system's. Paths are written as they will be once `draft` is `final`.
 */
export async function bindToOwnLibraries(draft: string, final: string, programs: string): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '' }
  const triplets = (await readdir(join(draft, 'usr/lib'))).filter((name) => /-linux-gnu/.test(name))
  const libraries = triplets.map((name) => join(final, 'usr/lib', name)).join(':')
  for (const program of await readdir(join(draft, programs))) {
    const path = join(draft, programs, program)
    const loader = await runProgram('patchelf', ['--print-interpreter', path], { env }).catch(() => undefined)
    // A script: pg_config's wrapper and the like.
    if (loader === undefined) continue
    const unpacked = await firstThatExists(draft, [join('usr', loader.trim()), loader.trim()])
    // RPATH rather than RUNPATH: it holds for libraries of libraries and for extensions too.
    const args = ['--force-rpath', '--set-rpath', libraries, '--set-interpreter', join(final, unpacked), path]
    await runProgram('patchelf', args, { env })
  }
}

async function firstThatExists(root: string, candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) {
    const found = await access(join(root, candidate)).then(
      () => true,
      () => false,
    )
    if (found) return candidate
  }
  throw new Error(`None of ${candidates.join(', ')} is in ${root}.`)
}
