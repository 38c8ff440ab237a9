import type { ProofContext, ProofPlan, Prover } from '../catalog/proof.ts'
import { manifestOf, type PostgresManifest } from '../catalog/manifest.ts'
import { LifeboatError } from '../errors.ts'
import { findClientTools, type ClientSearch } from './client-tools.ts'
import { describeConnection, type Connection } from './connection.ts'
import { preparedProver } from './prove.ts'
import type { ProofPlace } from './prove-restore.ts'
import type { Isolation } from './fence.ts'
import type { ScratchLeft } from './scratch-files.ts'
import { startScratchServer } from './scratch-server.ts'
import type { MachineSize } from './scratch-settings.ts'
import { findServerTools, type ServerSearch } from './server-tools.ts'
import { describeServer } from './server.ts'
import { openSession } from './session.ts'

export interface ProverOptions {
  readonly plan: ProofPlan
  /** A server of the user's; absent: a throwaway server is started here. */
  readonly target: Connection | undefined
  readonly client: Omit<ClientSearch, 'major' | 'log'>
  readonly server: Omit<ServerSearch, 'major' | 'log'>
  readonly platform: NodeJS.Platform
  readonly uid: number
  readonly isolation: Isolation
  readonly machine: MachineSize
  /** A folder of this run's own. */
  readonly temporary: string
  /** Where a throwaway server may live, the best first. */
  readonly scratchParents: readonly string[]
  readonly remember: (left: ScratchLeft) => void
  /** A long secret of hexadecimal digits, another one at each call. */
  readonly secret: () => string
  /** An integer from 0 up to below its argument. */
  readonly random: (below: number) => number
  readonly stallMs: number
  /** Called at the end with the restored database, as its owner, while it is there. */
  readonly whileRestored?: ((owner: Connection) => Promise<void>) | undefined
}

/** Proves backups of PostgreSQL databases: in a throwaway server, or in one that the user gives. */
export function postgresProver(options: ProverOptions): Prover {
  return {
    kind: 'postgres',
    prepare: async (given, context) => {
      const manifest = manifestOf('postgres', given)
      const { place, dispose } =
        options.target === undefined
          ? await scratchPlace(options, manifest, context)
          : await targetPlace(options, options.target, manifest, context)
      const { plan, temporary, secret, stallMs, whileRestored } = options
      const jobs = Math.max(1, options.machine.processors)
      return preparedProver({ place, plan, temporary, jobs, secret, stallMs, whileRestored, dispose })
    },
  }
}

interface Place {
  readonly place: ProofPlace
  readonly dispose: () => Promise<void>
}

async function scratchPlace(
  options: ProverOptions,
  { server }: PostgresManifest,
  { log, signal, memory }: Omit<ProofContext, 'climb'>,
): Promise<Place> {
  if (options.platform !== 'linux') {
    throw new LifeboatError('platform', 'The throwaway server runs on Linux only.', {
      hint: 'Give the job runs-on: ubuntu-latest, or a server as target-database-url.',
    })
  }
  const major = Math.floor(server.versionNumber / 10_000)
  const tools = await findServerTools({ ...options.server, major, log })
  const { machine, uid, isolation, secret, random, remember, scratchParents } = options
  const parents = memory === undefined ? scratchParents : [memory, ...scratchParents]
  const scratch = await startScratchServer({
    ...{ tools, parents, machine, uid, isolation, secret, random, remember, log, signal },
  })
  return {
    place: {
      administrator: scratch.superuser,
      tools,
      ownRoles: true,
      major,
      notes: scratch.notes,
      lastWords: () => scratch.lastWords(),
      serverErrors: () => scratch.errors(),
    },
    dispose: async () => scratch[Symbol.asyncDispose](),
  }
}

async function targetPlace(
  options: ProverOptions,
  target: Connection,
  manifest: PostgresManifest,
  { log, signal }: Omit<ProofContext, 'climb'>,
): Promise<Place> {
  await using session = await openSession(target, signal)
  const server = await describeServer(session)
  const wanted = Math.floor(manifest.server.versionNumber / 10_000)
  if (server.systemIdentifier !== null && server.systemIdentifier === manifest.server.systemIdentifier) {
    throw new LifeboatError('input', `target-database-url leads to the server that the backup was made of.`, {
      hint: 'Give another server, for example a service container, or leave it out: a throwaway server is started then.',
    })
  }
  if (server.major < wanted) {
    throw new LifeboatError(
      'input',
      `The target is PostgreSQL ${server.version}; the backup is of ${manifest.server.version}.`,
      {
        hint: `Give a server of PostgreSQL ${wanted}.`,
      },
    )
  }
  const [rights] = await session.query(
    'SELECT rolsuper AS super FROM pg_catalog.pg_roles WHERE rolname = current_user',
  )
  if (rights?.super !== 't') {
    throw new LifeboatError(
      'privilege',
      `${describeConnection(target)}: the role ${target.user} is no superuser.`,
      {
        hint: 'A verification makes extensions, which takes one. Give a server of its own (a service container), or leave target-database-url out.',
      },
    )
  }
  const tools = await findClientTools({ ...options.client, major: server.major, log })
  const notes = [
    ...(server.major > wanted
      ? [`The target is PostgreSQL ${server.version}, newer than the source (${manifest.server.version}).`]
      : []),
    ...(manifest.server.systemIdentifier === null || server.systemIdentifier === null
      ? ['NOT MEASURED: whether the target is another server than the source; one of them does not tell.']
      : []),
  ]
  return {
    place: {
      administrator: target,
      tools,
      ownRoles: false,
      major: server.major,
      notes,
      lastWords: () => Promise.resolve(''),
      serverErrors: () => Promise.resolve([]),
    },
    dispose: () => Promise.resolve(),
  }
}
