import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, otherSuite } from './other-suite.ts'
import { runProgram } from './run-program.ts'

export interface AgePrograms {
  /** Path of `age`, 1.3 or newer. */
  readonly age: string
  readonly keygen: string
}

/** The first that knows post-quantum recipients; no released suite of a distribution has it yet. */
const VERSION = 'v1.3.2'

/** An `age` that knows post-quantum recipients: this system's own, else one that Go builds. */
export async function modernAge(): Promise<AgePrograms> {
  const env = { PATH: process.env['PATH'] ?? '' }
  const knows = (keygen: string): Promise<string> => runProgram(keygen, ['-pq'], { env })
  const own = await works(() => knows('age-keygen'))
  if (own) return { age: 'age', keygen: 'age-keygen' }
  const folder = await cached(
    `age-${VERSION}`,
    async (draft) => build(await goProgram(), draft),
    (made) => knows(join(made, 'age-keygen')),
  )
  return { age: join(folder, 'age'), keygen: join(folder, 'age-keygen') }
}

/** Go's own module proxy and checksum database say what is built. */
async function build(go: string, folder: string): Promise<void> {
  const scratch = join(folder, 'scratch')
  const settings = {
    GOBIN: folder,
    GOPATH: join(scratch, 'path'),
    GOCACHE: join(scratch, 'cache'),
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: 'auto',
    CGO_ENABLED: '0',
  }
  const programs = ['age', 'age-keygen'].map((program) => `filippo.io/age/cmd/${program}@${VERSION}`)
  const assignments = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  await runProgram('env', [...assignments, go, 'install', ...programs])
  await rm(scratch, { recursive: true, force: true })
}

/** Go 1.21 and newer fetches the version that it needs: this system's, or that of another suite unpacked beside it. */
async function goProgram(): Promise<string> {
  const fetchesItself = async (go: string): Promise<void> => {
    const version = await runProgram(go, ['version'])
    const [, minor = ''] = /go1\.(\d+)/.exec(version) ?? []
    if (Number(minor) < 21) throw new Error(`${version.trim()} is too old to fetch the Go that it needs.`)
  }
  if (await works(() => fetchesItself('go'))) return 'go'
  const folder = await cached(
    'go',
    async (draft) => {
      const suite = await otherSuite()
      const version = await suite.first(
        ['1.26', '1.25', '1.24', '1.23', '1.22'].map((each) => `golang-${each}-go`),
      )
      if (version === undefined)
        throw new Error('The other suite of this distribution has no Go from 1.22 on.')
      await suite.unpack([version, version.replace(/go$/, 'src')], draft)
    },
    async (made) => fetchesItself(await inside(made)),
  )
  return inside(folder)
}

async function inside(folder: string): Promise<string> {
  const found = await runProgram('find', [join(folder, 'usr/lib'), '-path', '*/bin/go'])
  return found.trim()
}

async function works(attempt: () => Promise<unknown>): Promise<boolean> {
  return attempt().then(
    () => true,
    () => false,
  )
}
