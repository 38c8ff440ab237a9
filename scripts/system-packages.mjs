import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian's and Ubuntu's names, with what shows that they are there and Homebrew's name where it has one. */
const PACKAGES = {
  postgresql: { there: () => anyMajorHas('/usr/lib/postgresql', 'bin/postgres'), brew: 'postgresql' },
  'postgresql-contrib': { there: () => anyMajorHas('/usr/share/postgresql', 'extension/pg_trgm.control') },
  'xz-utils': { there: () => onPath('xz'), brew: 'xz' },
  zstd: { there: () => onPath('zstd'), brew: 'zstd' },
  age: { there: () => onPath('age'), brew: 'age' },
  patchelf: { there: () => onPath('patchelf') },
  radosgw: { there: () => onPath('radosgw') },
  'ceph-mon': { there: () => onPath('ceph-mon') },
  'ceph-osd': { there: () => onPath('ceph-osd') },
  'ceph-common': { there: () => onPath('ceph') },
  sudo: { there: () => onPath('sudo') },
  awscli: { there: () => onPath('aws'), brew: 'awscli' },
  jq: { there: () => onPath('jq'), brew: 'jq' },
  curl: { there: () => onPath('curl'), brew: 'curl' },
  git: { there: () => onPath('git'), brew: 'git' },
  chromium: { there: () => onPath('chromium') },
}

const DEMO = ['postgresql', 'postgresql-contrib', 'xz-utils', 'zstd', 'age']
const TEST = [
  ...DEMO,
  ...[
    'sudo',
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

/** Installs what is missing, with root or with sudo where it asks no password; else throws the line that would. */
export function ensureSystemPackages(names) {
  const missing = names.filter((name) => !PACKAGES[name].there())
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
  const still = missing.filter((name) => !PACKAGES[name].there())
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

function onPath(program) {
  // Daemons stand in sbin, which is not on everybody's PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
