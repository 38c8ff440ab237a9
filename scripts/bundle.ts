import { execFile } from 'node:child_process'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { writeDescriptions } from './input-descriptions.ts'
import { licenses } from './licenses.ts'

const run = promisify(execFile)

export const checkout = resolve(import.meta.dirname, '..')

/**
 * Compiles `src/` and bundles it with everything it imports into `folder`. The same sources and packages give the
 * same bytes wherever the checkout stands: `lib/` is between, so that every path in the bundle is relative to it.
 */
export async function bundle(folder: string): Promise<void> {
  await writeDescriptions(checkout)
  await rm(join(checkout, 'lib'), { recursive: true, force: true })
  await node('typescript/bin/tsc', ['-p', 'tsconfig.build.json'])
  await rm(folder, { recursive: true, force: true })
  const stats = join(checkout, 'lib/stats.json')
  await node('@vercel/ncc/dist/ncc/cli.js', [
    'build',
    'lib/src/index.js',
    '-o',
    folder,
    '--no-cache',
    '--stats-out',
    stats,
  ])
  for (const { file } of await filesOf(folder)) {
    if (file.endsWith('.js')) await keepToAscii(join(folder, file))
  }
  await writeFile(join(folder, 'licenses.txt'), await licenses(checkout, await bundledPackages(stats)))
}

/**
 * V8 holds a source at two bytes a character if a single one is not ASCII: 6 MB of the bundle's. They only stand in
 * strings, templates, patterns and comments, where their escape means the same.
 */
async function keepToAscii(path: string): Promise<void> {
  const source = await readFile(path, 'utf8')
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  // Without the flag u a pattern sees UTF-16 units, each of which has an escape.
  await writeFile(path, source.replace(/[^\0-\x7f]/g, escape))
}

/** Names of all files of a folder with their sizes in bytes, sorted. */
export async function filesOf(
  folder: string,
): Promise<readonly { readonly file: string; readonly bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sized = files.map(async (path) => ({
    file: path.slice(folder.length + 1),
    bytes: (await stat(path)).size,
  }))
  return (await Promise.all(sized)).sort((a, b) => (a.file < b.file ? -1 : 1))
}

async function bundledPackages(statsFile: string): Promise<readonly string[]> {
  const stats = await readFile(statsFile, 'utf8')
  const paths = [
    ...stats.matchAll(/node_modules\/((?:[^"/\\|! ]+\/node_modules\/)*(?:@[^"/\\|! ]+\/)?[^"/\\|! ]+)\//g),
  ]
  return [...new Set(paths.map((match) => match[1] ?? ''))].sort()
}

async function node(script: string, args: readonly string[]): Promise<void> {
  try {
    await run(process.execPath, [join(checkout, 'node_modules', script), ...args], {
      cwd: checkout,
      maxBuffer: 64 * 1024 * 1024,
    })
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${script} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}
