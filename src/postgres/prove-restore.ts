import { manifestOf } from '../catalog/manifest.ts'
import type { ProofContext, ProofMaterial } from '../catalog/proof.ts'
import type { Finding, RungReport } from '../catalog/verification.ts'
import { LifeboatError } from '../errors.ts'
import { headOf } from './archive-head.ts'
import { ArchiveSpace } from './archive-space.ts'
import type { ClientTools } from './client-tools.ts'
import { describeEntry, shortMessage } from './complaints.ts'
import type { Connection } from './connection.ts'
import { parseContents, type Contents } from './contents.ts'
import { furnishCopy } from './empty-copy.ts'
import { parseGlobals, type GlobalStatement } from './globals-statements.ts'
import type { PgRestore } from './restore-program.ts'
import { restoreArchive, type Restored } from './restore-archive.ts'
import { restoreEnvironment } from './restore-environment.ts'
import { planSteps } from './restore-steps.ts'
import {
  createTarget,
  missingExtensions,
  refuseMissingExtensions,
  type RestoreTarget,
  type TargetOptions,
} from './restore-target.ts'
import type { ServerError } from './server-errors.ts'
import { watchServer } from './server-watch.ts'
import { openSession } from './session.ts'

/** A server to restore into, and everything that does it. */
export interface ProofPlace {
  /** Who may create databases and roles there. */
  readonly administrator: Connection
  readonly tools: ClientTools
  /** The server's roles are ours to make: it is thrown away afterwards. */
  readonly ownRoles: boolean
  readonly major: number
  readonly notes: readonly string[]
  /** What the server said last; for when it fails. */
  lastWords(): Promise<string>
  /** The errors in its log; none where that cannot be read. */
  serverErrors(): Promise<readonly ServerError[]>
}

/** A backup in a database of its own. */
export interface RestoredCopy {
  readonly target: RestoreTarget
  readonly restored: Restored
  readonly contents: Contents
  readonly statements: readonly GlobalStatement[] | undefined
  readonly program: PgRestore
  readonly tocPath: string
  /** Drops the database, and what else was made for it. */
  dispose(): Promise<void>
}

/** Makes a database and restores into it, as a role that is no superuser. Throws as `restoreArchive` does. */
export async function restoreForProof(
  {
    place,
    temporary,
    jobs,
    secret,
    stallMs,
    amcheck,
  }: {
    readonly place: ProofPlace
    readonly temporary: string
    readonly jobs: number
    readonly secret: () => string
    readonly stallMs: number
    /** Indexes are to be checked. */
    readonly amcheck: boolean
  },
  { manifest, archive, contents: bytes, globals }: ProofMaterial,
  { log, signal }: ProofContext,
): Promise<RestoredCopy> {
  const contents = parseContents(bytes)
  const statements = globals === undefined ? undefined : parseGlobals(globals)
  {
    await using session = await openSession(place.administrator, signal)
    refuseMissingExtensions(await missingExtensions(session, contents.extensions), place.major)
  }
  const reading = headOf(archive, { folder: temporary, signal })
  // Whoever fails first is told below.
  reading.catch(() => undefined)
  const unique = secret().slice(0, 12)
  const [owners, ownerRole] = [place.ownRoles, `lifeboat_owner_${unique}`]
  const wanted: TargetOptions = {
    administrator: place.administrator,
    database: `lifeboat_verify_${unique}`,
    ownerRole,
    ownerPassword: secret(),
    server: manifestOf('postgres', manifest).server,
    roles: rolesOf(contents, statements),
    ownRoles: owners,
    major: place.major,
    signal,
    furnish: async (inside) => {
      const { entries } = await reading
      const plan = planSteps(entries, { acl: owners })
      await furnishCopy(inside, { plan, versions: contents.extensions, owner: ownerRole, owners, amcheck })
    },
  }
  const made = new AsyncDisposableStack()
  try {
    const target = made.use(await createTarget(wanted))
    const environment = made.use(await restoreEnvironment(target.owner, temporary))
    const watch = made.use(await watchServer(target.owner, { stallMs, signal }))
    const program: PgRestore = {
      tools: place.tools,
      environment: environment.variables,
      folder: environment.folder,
      signal: watch.signal,
      serverErrors: () => place.serverErrors(),
    }
    const { path: tocPath, entries, blocks } = await reading
    await using space = new ArchiveSpace(tocPath, blocks)
    const restored = await restoreArchive({
      target,
      tocPath,
      entries,
      plan: planSteps(entries, { acl: owners }),
      ...(archive.kind === 'stream' && { stream: () => archive.open(signal) }),
      onRestored: (id) => space.restored(id),
      program,
      jobs,
      log,
    })
    const dispose = (): Promise<void> => made.disposeAsync()
    return { target, restored, contents, statements, program, tocPath, dispose }
  } catch (error) {
    const words = error instanceof LifeboatError && error.code === 'platform' ? await place.lastWords() : ''
    if (words !== '') log.info(`The server's last words:\n${words}`)
    // What ended it is what has to be told.
    await made.disposeAsync().catch((left: unknown) => {
      log.warning(`What was made on the server may still be there: ${String(left)}`)
    })
    throw error
  }
}

function rolesOf(contents: Contents, statements: readonly GlobalStatement[] | undefined): string[] {
  const created = (statements ?? []).flatMap((each) => (each.kind === 'create-role' ? [each.role] : []))
  return [...new Set([...contents.roles, ...created, ...contents.settings.map(({ role }) => role)])]
}

/** The rung `restored`: NOT MEASURED where a superuser would have been needed for some of it. */
export function restoredReport({ restored, target }: RestoredCopy, place: ProofPlace): RungReport {
  const { plan, entries, grantsRefused, refused, consequences } = restored
  const left = new Map<string, { kind: string; why: string; count: number }>()
  for (const { entry, why } of plan.leftOut) {
    const key = `${entry.kind}\n${why}`
    left.set(key, { kind: entry.kind, why, count: (left.get(key)?.count ?? 0) + 1 })
  }
  const notes = [
    ...[...left.values()].map(({ kind, count, why }) => `Left out: ${count} × ${kind}, because ${why}.`),
    ...(grantsRefused.length > 0
      ? [`${grantsRefused.length} grants can be made again by a superuser only; they were tried and refused.`]
      : []),
  ]
  const missing = refused.length + consequences.length
  const taken = Object.values(plan.steps).reduce((sum, step) => sum + step.length, 0) - missing
  const whole =
    `${taken} of ${entries.length} entries of the archive restored into PostgreSQL ${place.tools.version}` +
    `${target.owners ? ', with owners and grants' : ''}, as a role that is no superuser.`
  if (missing === 0) return { outcome: 'passed', summary: whole, notes }
  const finding = (expected: string, { entry, message }: Restored['refused'][number]): Finding => ({
    what: describeEntry(entry),
    expected,
    found: shortMessage(message),
  })
  return {
    outcome: 'not-measured',
    summary:
      `${whole} Only a superuser could restore ${refused.length} others, which a dump never becomes here; ` +
      `${consequences.length} more need those.`,
    findings: [
      ...refused.map((each) => finding('restored', each)),
      ...consequences.map((each) => finding('restored, with what it needs', each)),
    ],
    notes,
  }
}
