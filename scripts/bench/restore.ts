import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startAction } from '../../__tests__/support/action-runner.ts'
import { startPostgres, type PostgresServer } from '../../__tests__/support/postgres-server.ts'
import { writerInShop } from '../../__tests__/support/writer.ts'
import type { Compression } from '../../src/pipeline/compression.ts'
import { fillShop } from '../../demo/shop.ts'
import { watchFilesInMemory } from './files-in-memory.ts'
import { shellEnvironment, type Place } from './place.ts'
import { timedShell } from './shell.ts'
import { DATABASE } from './shop.ts'
import { watchStep, type StepPeaks } from './step-watch.ts'
import type { StoreSupply } from './stores.ts'

/** One restore of the same dump, by each of three. */
export interface RestoreRound {
  /** Seconds of wall time. */
  readonly shell: number
  /** A verification of a backup without a fingerprint: what the shell does, and the checks that need none. */
  readonly action: VerifyRun
  /** A verification with every digest compared, which the shell knows nothing of. */
  readonly digest: VerifyRun
}

export interface VerifyRun {
  readonly seconds: number
  readonly peaks: StepPeaks
  /** Most bytes of files that it had in memory at a time. */
  readonly inMemory: number
  /** Phase to seconds, as the step tells them. */
  readonly phases: Readonly<Record<string, number>>
}

export interface Restores {
  readonly compression: Compression
  readonly plain: number
  readonly stored: number
  readonly rounds: readonly RestoreRound[]
  /** How often somebody wrote into the shop while the backup with the fingerprint was made. */
  readonly writes: number
  /** Of a dump that is a few times smaller, verified as often as there are rounds. */
  readonly small: { readonly plain: number; readonly runs: readonly VerifyRun[] }
}

/** What was backed up once, and is restored again and again. */
interface Stored {
  readonly prefix: string
  readonly key: string
  readonly plain: number
  readonly stored: number
}

const SMALL = 'small'
/** For a dump of some 230 MB: a fifth of the large one, and large enough to fill every buffer. */
const SMALL_SCALE = 8

/** What a shell script does in the place of `restore-verify`, into a cluster as it comes. */
export const RESTORE_LINE =
  'aws s3 cp --only-show-errors --endpoint-url "$ENDPOINT" "s3://$BUCKET/$KEY" - | age -d -i "$IDENTITY" | xz -dc | pg_restore --no-subscriptions -d restored'

/** The settings that a stock cluster has, which those of tests have not. */
const STOCK = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', max_wal_size: '1GB' }

/** The shop restored by shell lines and by `restore-verify`, side by side, as often as there are rounds. */
export async function compareRestores(
  stores: StoreSupply,
  compression: Compression,
  {
    rounds: count,
    dumpBytes,
    identityFile,
    identity,
    tell,
  }: {
    readonly rounds: number
    readonly dumpBytes: number
    readonly identityFile: string
    readonly identity: string
    readonly tell: (line: string) => void
  },
): Promise<Restores> {
  const place = await stores.placeFor(dumpBytes)
  await fillShop(place.database, SMALL, { scale: SMALL_SCALE })
  const backUpAs = (prefix: string, database: string, fingerprint: string): Promise<Stored> =>
    backUp(place, { prefix, database, fingerprint, compression })
  const small = await backUpAs('small/', SMALL, 'digest')
  const plain = await backUpAs('none/', DATABASE, 'none')
  const { digest, writes } = await whileWritten(place, () => backUpAs('digest/', DATABASE, 'digest'))
  await using stock = await startPostgres({ config: STOCK, binDir: place.database.binDir })
  await copyRoles(place.database, stock)
  const verify = (of: Stored): Promise<VerifyRun> => runVerify(place, of, identity)
  const shell = (): Promise<number> => runShell(place, stock, { key: plain.key, identityFile })
  const rounds: RestoreRound[] = []
  for (let number = 0; number < count; number += 1) {
    // Who goes first takes turns.
    const early = number % 2 === 0 ? await shell() : undefined
    const action = await verify(plain)
    const late = early ?? (await shell())
    const round = { shell: late, action, digest: await verify(digest) }
    rounds.push(round)
    tell(
      `restore, round ${number + 1}: shell ${late.toFixed(1)} s, restore-verify ${action.seconds.toFixed(1)} s ` +
        `(${(action.seconds / late).toFixed(2)} ×), with fingerprint ${round.digest.seconds.toFixed(1)} s`,
    )
  }
  const { plain: plainBytes, stored } = plain
  const smallRuns: VerifyRun[] = []
  while (smallRuns.length < count) smallRuns.push(await verify(small))
  return {
    compression,
    plain: plainBytes,
    stored,
    rounds,
    writes,
    small: { plain: small.plain, runs: smallRuns },
  }
}

/** The backup that is made while somebody uses the shop. */
async function whileWritten(
  { database }: Place,
  make: () => Promise<Stored>,
): Promise<{ readonly digest: Stored; readonly writes: number }> {
  await using writer = await writerInShop(database.url(DATABASE), { restMs: 20 })
  const digest = await make()
  return { digest, writes: writer.rounds() }
}

function inputsOf({ store, database }: Place): Record<string, string> {
  return {
    'pg-bin-dir': database.binDir,
    bucket: store.bucket,
    endpoint: store.endpoint,
    region: store.region,
    'access-key-id': store.accessKeyId,
    'secret-access-key': store.secretAccessKey,
  }
}

async function backUp(
  place: Place,
  what: {
    readonly prefix: string
    readonly database: string
    readonly fingerprint: string
    readonly compression: Compression
  },
): Promise<Stored> {
  const { prefix, database, fingerprint, compression } = what
  await using action = await startAction({
    inputs: {
      ...inputsOf(place),
      command: 'backup',
      prefix,
      'database-url': place.database.url(database),
      'age-recipients': place.recipient,
      compression: compression.text,
      fingerprint,
    },
  })
  const { outputs, exitCode, log } = await action.finished()
  if (exitCode !== 0) throw new Error(`The backup failed:\n${log.slice(-4_000)}`)
  const { key = '' } = outputs
  return { prefix, key, plain: Number(outputs['raw-bytes']), stored: Number(outputs['bytes']) }
}

/** The bundle as a runner starts it, from its start to its end, with the start and the removal of its server. */
async function runVerify(place: Place, { prefix }: Stored, identity: string): Promise<VerifyRun> {
  const temporary = await mkdtemp(join(place.home, 'tmp-'))
  const begun = performance.now()
  await using action = await startAction({
    inputs: { ...inputsOf(place), command: 'restore-verify', prefix },
    env: { TMPDIR: temporary, AGE_IDENTITY: identity },
    ...(place.bundle !== undefined && { entry: place.bundle }),
  })
  // Its memory alone: to count thousands of files again and again would cost the step its time.
  const peaks = watchStep(action.pid, [])
  const files = watchFilesInMemory()
  const { exitCode, log, summary } = await action.finished()
  const seconds = (performance.now() - begun) / 1000
  const seen = await peaks()
  const inMemory = files()
  await rm(temporary, { recursive: true })
  if (exitCode !== 0) throw new Error(`The verification failed:\n${log.slice(-4_000)}`)
  return { seconds, peaks: seen, inMemory, phases: phasesOf(summary) }
}

/** From the chart, which has seconds where the table has words. */
function phasesOf(summary: string): Record<string, number> {
  const labels = /x-axis \[(.*)\]/.exec(summary)?.[1] ?? ''
  const values = /bar \[(.*)\]/.exec(summary)?.[1] ?? ''
  const names = [...labels.matchAll(/"([^"]*)"/g)].map(([, name]) => name ?? '')
  const seconds = values.split(',').map(Number)
  return Object.fromEntries(names.map((name, index) => [name, seconds[index] ?? Number.NaN]))
}

async function runShell(
  place: Place,
  stock: PostgresServer,
  { key, identityFile }: { readonly key: string; readonly identityFile: string },
): Promise<number> {
  await stock.psql('CREATE DATABASE restored TEMPLATE template0')
  const environment = { ...shellEnvironment(place), ...stock.environment(), KEY: key, IDENTITY: identityFile }
  const { seconds } = await timedShell(RESTORE_LINE, environment)
  await stock.psql('DROP DATABASE restored')
  return seconds
}

/** Without them every owner and grant would be an error of the shell's. */
async function copyRoles(from: PostgresServer, to: PostgresServer): Promise<void> {
  const { output } = await timedShell('pg_dumpall --roles-only --no-role-passwords', {
    ...from.environment(),
    PG_BIN: from.binDir,
  })
  const own = new RegExp(`^(CREATE|ALTER) ROLE ${from.superuser}\\b.*$`, 'gm')
  await to.psql(output.replace(own, ''))
}
