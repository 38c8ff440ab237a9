import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian's and Ubuntu's names, with what shows that they are there and Homebrew's name where it has one. */
const PACKAGES = {
  postgresql: { there: () => anyMajorHas('/usr/lib/postgresql', 'bin/postgres'), brew: 'postgresql' },
  'postgresql-contrib': { there: () => anyMajorHas('/usr/share/postgresql', 'extension/pg_trgm.control') },
  'xz-utils': { there: (path) => onPath('xz', path), brew: 'xz' },
  zstd: { there: (path) => onPath('zstd', path), brew: 'zstd' },
  age: { there: (path) => onPath('age', path), brew: 'age' },
  gnupg: { there: (path) => onPath('gpg', path), brew: 'gnupg' },
  patchelf: { there: (path) => onPath('patchelf', path) },
  radosgw: { there: (path) => onPath('radosgw', path) },
  'ceph-mon': { there: (path) => onPath('ceph-mon', path) },
  'ceph-osd': { there: (path) => onPath('ceph-osd', path) },
  'ceph-common': { there: (path) => onPath('ceph', path) },
  sudo: { there: (path) => onPath('sudo', path) },
  awscli: { there: (path) => onPath('aws', path), brew: 'awscli' },
  jq: { there: (path) => onPath('jq', path), brew: 'jq' },
  curl: { there: (path) => onPath('curl', path), brew: 'curl' },
  git: { there: (path) => onPath('git', path), brew: 'git' },
  chromium: { there: (path) => onPath('chromium', path) },
}

const DEMO = ['postgresql', 'postgresql-contrib', 'xz-utils', 'zstd', 'age']
const TEST = [
  ...DEMO,
  ...[
    'sudo',
    'gnupg',
    'patchelf',
    'radosgw',
    'ceph-mon',
    'ceph-osd',
    'ceph-common',
    'awscli',
    'jq',
    'curl',
    'git',
    'chromium',
  ],
]

/** What a task needs of the system, by its name; nothing for all others. */
export const NEEDS = { demo: DEMO, test: TEST, 'test-workflows': TEST, bench: TEST }

/** Where programs stand that are the system's, and not a developer's own. */
export const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'].join(delimiter)

/**
 * Installs what is missing on `path`, with root or with sudo where it asks no password; else throws the line that would.
 */
export function ensureSystemPackages(names, path = process.env.PATH ?? '') {
  const missing = names.filter((name) => !PACKAGES[name].there(path))
  if (missing.length === 0) return
  if (!onPath('apt-get')) {
    const brew = missing.map((name) => PACKAGES[name].brew).filter(Boolean)
    const advice = onPath('brew') && brew.length === missing.length ? ` brew install ${brew.join(' ')}` : ''
    throw new Error(`These programs are missing, please install them: ${missing.join(', ')}.${advice}`)
  }
  const install = ['install', '-y', '--no-install-recommends', ...missing]
  const asRoot = rootPrefix()
  if (!asRoot) {
    throw new Error(
      `Packages are missing and only root may install them:\n  sudo apt-get ${install.join(' ')}`,
    )
  }
  console.log(`Installing ${missing.join(' ')} …`)
  withoutDefaultCluster(asRoot, () => {
    run(asRoot, ['apt-get', '-q', 'update'])
    run(asRoot, ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...install])
  })
  const still = missing.filter((name) => !PACKAGES[name].there(path))
  if (still.length > 0)
    throw new Error(`apt-get installed them, and they are still missing: ${still.join(', ')}`)
}

/** Debian's server package starts a cluster of its own, on the port that others expect theirs, unless told not to. */
function withoutDefaultCluster(asRoot, install) {
  const folder = '/etc/postgresql-common/createcluster.d'
  const file = join(folder, 'lifeboat-no-main-cluster.conf')
  run(asRoot, ['mkdir', '-p', folder])
  run(asRoot, ['tee', file], 'create_main_cluster = false\n')
  try {
    install()
  } finally {
    run(asRoot, ['rm', '-f', file])
  }
}

function rootPrefix() {
  if (process.getuid?.() === 0) return []
  if (!onPath('sudo')) return undefined
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined
}

function run(prefix, words, input) {
  const [command, ...args] = [...prefix, ...words]
  const { status, stdout, stderr } = spawnSync(command, args, { input: input ?? '', encoding: 'utf8' })
  if (status !== 0) throw new Error(`${words.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`)
}

function anyMajorHas(folder, file) {
  if (!existsSync(folder)) return process.platform !== 'linux' && onPath('postgres')
  return readdirSync(folder).some((major) => /^\d+$/.test(major) && existsSync(join(folder, major, file)))
}

function onPath(program, path = process.env.PATH ?? '') {
  // Daemons stand in sbin, which is not on everybody's PATH.
  const folders = [...path.split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
