import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

/** A signed apt repository in a folder: what PGDG's is, without a network. */
export interface LocalAptRepository extends AsyncDisposable {
  readonly url: string
  /** Armored public key. */
  readonly key: string
}

/**
 * `files` are what the package brings, path to content; they are executable. `folders` are brought as they stand on this
 * machine.
 */
export async function startAptRepository(options: {
  readonly suite: string
  readonly component: string
  readonly name: string
  readonly version: string
  readonly files: Readonly<Record<string, string>>
  readonly folders?: readonly string[]
}): Promise<LocalAptRepository> {
  const { suite, component, name, version, files, folders = [] } = options
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-apt-'))
  const env = { PATH: process.env['PATH'] ?? '', GNUPGHOME: join(folder, 'gnupg'), LC_ALL: 'C' }
  const architecture = (await runProgram('dpkg', ['--print-architecture'])).trim()

  const tree = join(folder, 'tree')
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nMaintainer: Test <test@example.com>\nDescription: stand-in\n`
  for (const [path, content] of Object.entries({ 'DEBIAN/control': control, ...files })) {
    await mkdir(join(tree, path, '..'), { recursive: true })
    await writeFile(join(tree, path), content, { mode: 0o755 })
  }
  for (const source of folders) {
    await mkdir(join(tree, source, '..'), { recursive: true })
    await runProgram('cp', ['-a', source, join(tree, source)])
  }
  const repository = join(folder, 'repository')
  const pool = join(repository, 'pool')
  const index = join(repository, 'dists', suite, component, `binary-${architecture}`)
  for (const path of [pool, index]) await mkdir(path, { recursive: true })
  const archive = `pool/${name}_${version}_${architecture}.deb`
  await runProgram('dpkg-deb', ['-Znone', '--build', '--root-owner-group', tree, join(repository, archive)], {
    env,
  })

  const packages = `${control}Filename: ${archive}\n${digest(await readFile(join(repository, archive)))}\n`
  await writeFile(join(index, 'Packages'), packages)
  const release = join(repository, 'dists', suite)
  const line = `${sha256(Buffer.from(packages))} ${packages.length} ${component}/binary-${architecture}/Packages`
  await writeFile(
    join(release, 'Release'),
    `Suite: ${suite}\nCodename: ${suite}\nArchitectures: ${architecture}\nComponents: ${component}\nDate: ${new Date().toUTCString()}\nSHA256:\n ${line}\n`,
  )
  await mkdir(env.GNUPGHOME, { mode: 0o700 })
  const gpg = ['--batch', '--pinentry-mode', 'loopback', '--passphrase', '']
  await runProgram('gpg', [...gpg, '--quick-gen-key', 'Stand-in', 'rsa2048', 'sign', 'never'], { env })
  await runProgram(
    'gpg',
    [...gpg, '--clearsign', '-o', join(release, 'InRelease'), join(release, 'Release')],
    { env },
  )
  const key = await runProgram('gpg', ['--armor', '--export'], { env })
  await chmod(folder, 0o755)
  return {
    // apt reads `file:` where it lies and downloads nothing; `copy:` goes the way of http.
    url: `copy:${repository}`,
    key,
    [Symbol.asyncDispose]: async () => {
      await runProgram('gpgconf', ['--kill', 'all'], { env })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function digest(bytes: Buffer): string {
  return `Size: ${bytes.length}\nSHA256: ${sha256(bytes)}`
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
