import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/**
 * Asks restic itself what its keep rules keep, and writes the answers to `__tests__/fixtures/restic-forget.json`, which
 * the retention tests compare ours with. Needs Debian's restic (`apt-get install restic`); takes two minutes:
 * `node scripts/restic-golden.ts`.
 */

export interface GoldenCase {
  readonly history: string
  readonly keep: Readonly<Record<string, number>>
  /** By the snapshot's time: the rules that keep it, in restic's words. */
  readonly kept: Readonly<Record<string, readonly string[]>>
}

export interface Golden {
  readonly restic: string
  readonly histories: Readonly<Record<string, readonly string[]>>
  readonly cases: readonly GoldenCase[]
}

const run = promisify(execFile)
const HOUR = 3_600_000

const HISTORIES: Readonly<Record<string, readonly string[]>> = {
  /** Where ISO weeks and years disagree, and where months and leap years end. */
  edges: [
    '2019-12-29T23:59:59Z',
    '2019-12-30T00:00:00Z',
    '2019-12-31T12:00:00Z',
    '2020-01-01T00:00:00Z',
    '2020-01-05T23:59:59Z',
    '2020-01-06T00:00:00Z',
    '2020-02-28T10:00:00Z',
    '2020-02-29T10:00:00Z',
    '2020-03-01T00:00:00Z',
    '2020-12-27T10:00:00Z',
    '2020-12-28T10:00:00Z',
    '2020-12-31T23:59:59Z',
    '2021-01-01T00:00:00Z',
    '2021-01-03T23:59:59Z',
    '2021-01-04T00:00:00Z',
    '2021-03-28T01:30:00Z',
    '2021-10-31T02:30:00Z',
    '2023-01-01T10:00:00Z',
    '2023-01-02T10:00:00Z',
    '2024-12-29T10:00:00Z',
    '2024-12-30T10:00:00Z',
    '2025-01-01T10:00:00Z',
  ],
  /** A nightly backup of fourteen months with nights missing. */
  nightly: times('2025-09-20T02:15:00Z', 425, 24 * HOUR, 0.14),
  /** Several in an hour, hours missing. */
  busy: times('2026-11-18T00:05:00Z', 240, HOUR / 2, 0.2),
}

const POLICIES: readonly Readonly<Record<string, number>>[] = [
  { last: 1 },
  { last: 5 },
  { hourly: 6 },
  { daily: 7 },
  { weekly: 5 },
  { monthly: 12 },
  { yearly: 3 },
  { yearly: 100 },
  { last: 3, daily: 7, weekly: 4 },
  { hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: 10 },
  { last: 2, hourly: 3, daily: 2, weekly: 60, monthly: 2 },
  { daily: 1000 },
]

/** `share` of `count` moments, `step` apart, the same ones each time. */
function times(first: string, count: number, step: number, share: number): string[] {
  let state = count
  return Array.from({ length: count }, (_, index) => new Date(Date.parse(first) + index * step))
    .filter(() => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      return state / 2 ** 31 < share
    })
    .map((time) => time.toISOString().replace('.000Z', 'Z'))
}

interface ForgetGroup {
  readonly reasons: readonly {
    readonly snapshot: { readonly time: string }
    readonly matches: readonly string[]
  }[]
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'restic-golden-'))
  const env = {
    ...process.env,
    TZ: 'UTC',
    RESTIC_REPOSITORY: join(folder, 'repository'),
    RESTIC_PASSWORD: 'x',
  }
  const restic = async (...args: string[]): Promise<string> =>
    (await run('restic', ['--no-cache', ...args], { env, cwd: folder, maxBuffer: 2 ** 26 })).stdout
  try {
    await writeFile(join(folder, 'file'), 'one file')
    await restic('init')
    for (const [host, moments] of Object.entries(HISTORIES)) {
      for (const moment of moments) {
        const time = moment.replace('T', ' ').replace('Z', '')
        await restic('backup', '--quiet', '--force', '--host', host, '--time', time, 'file')
      }
    }
    const cases: GoldenCase[] = []
    for (const history of Object.keys(HISTORIES)) {
      for (const keep of POLICIES) {
        const rules = Object.entries(keep).flatMap(([rule, count]) => [`--keep-${rule}`, count.toString()])
        const answer = await restic('forget', '--dry-run', '--json', '--host', history, ...rules)
        const [group] = JSON.parse(answer) as ForgetGroup[]
        const kept = (group?.reasons ?? []).map(({ snapshot, matches }) => [snapshot.time, matches] as const)
        cases.push({ history, keep, kept: Object.fromEntries(kept) })
      }
    }
    const golden: Golden = { restic: (await restic('version')).trim(), histories: HISTORIES, cases }
    const target = new URL('../__tests__/fixtures/restic-forget.json', import.meta.url)
    await writeFile(target, `${JSON.stringify(golden, null, 1)}\n`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
