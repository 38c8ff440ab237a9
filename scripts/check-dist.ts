import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle, checkout, filesOf } from './bundle.ts'

const folder = await mkdtemp(join(tmpdir(), 'lifeboat-dist-'))
try {
  const fresh = join(folder, 'dist')
  await bundle(fresh)
  const committed = join(checkout, 'dist')
  const names = new Set([...(await filesOf(fresh)), ...(await filesOf(committed))].map(({ file }) => file))
  const differing: string[] = []
  for (const name of [...names].sort()) {
    const [built, kept] = await Promise.all([read(join(fresh, name)), read(join(committed, name))])
    if (!built) differing.push(`${name}: src does not build it`)
    else if (!kept) differing.push(`${name}: not there`)
    else if (!built.equals(kept)) differing.push(`${name}: not what src builds`)
  }
  for (const line of differing) console.error(`dist/${line}`)
  if (differing.length > 0) {
    console.error('Run npm run build and commit dist/.')
    process.exitCode = 1
  } else console.log(`dist/ is what src builds: ${names.size} files.`)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
