import type { PreparedProver, ProofContext, ProofMaterial, ProofPlan, ProofTotals } from '../catalog/proof.ts'
import { manifestOf } from '../catalog/manifest.ts'
import type { RungReport } from '../catalog/verification.ts'
import { LifeboatError } from '../errors.ts'
import { checkIndexes } from './amcheck.ts'
import { analyze } from './analyze.ts'
import { applyToTarget } from './apply-globals.ts'
import { tocOf } from './archive-head.ts'
import { countClass } from './archive-toc.ts'
import { checkExpectations } from './check-expectations.ts'
import type { ClientTools } from './client-tools.ts'
import { compareContents, type FoundContents } from './compare-contents.ts'
import { compareGlobals } from './compare-globals.ts'
import type { Connection } from './connection.ts'
import { parseContents, type Contents } from './contents.ts'
import { findContents, sequencesBehind } from './find-contents.ts'
import { parseGlobals, type GlobalStatement } from './globals-statements.ts'
import { takeInventory } from './inventory.ts'
import { libpqAccess } from './libpq.ts'
import { damageCopy } from './negative-control.ts'
import { sweepReferences } from './references.ts'
import { refreshViews } from './refresh-views.ts'
import { restoreArchive, type Restored } from './restore-archive.ts'
import type { RestoreProgram } from './restore-program.ts'
import {
  createTarget,
  missingExtensions,
  refuseMissingExtensions,
  type RestoreTarget,
  type TargetOptions,
} from './restore-target.ts'
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
}

export interface ProveOptions {
  readonly place: ProofPlace
  readonly plan: ProofPlan
  readonly temporary: string
  /** How many processors there are. */
  readonly jobs: number
  readonly secret: () => string
  readonly stallMs: number
  /** Ends the place. */
  readonly dispose: () => Promise<void>
}

/** Climbs from `restored` upwards in one server. */
export function preparedProver(options: ProveOptions): PreparedProver {
  return {
    notes: options.place.notes,
    prove: (material, context) => prove(options, material, context),
    [Symbol.asyncDispose]: options.dispose,
  }
}

async function prove(
  options: ProveOptions,
  material: ProofMaterial,
  context: ProofContext,
): Promise<ProofTotals> {
  const { place, plan } = options
  const { climb, watch, signal } = context
  const holder: { proof?: Proof } = {}
  try {
    await climb('restored', async () => {
      const proof = await restore(options, material, context)
      holder.proof = proof
      watch.lap('restore')
      await analyze(proof.target.owner, { sessions: options.jobs, signal })
      watch.lap('analyze')
      return restoredReport(proof, place)
    })
    const { proof } = holder
    if (!proof) throw new TypeError('a rung passed without a restore')
    let found: FoundContents | undefined
    await climb('equal', async () => {
      const compared = await compare(proof, options, material, signal)
      found = compared.found
      return compared.report
    })
    let orphans: number | null = null
    await climb('references', async () => {
      await using session = await openSession(proof.target.owner, signal)
      const swept = await sweepReferences(session, plan.expectations, material.orphansBefore)
      orphans = swept.orphans
      return swept.report
    })
    await climb('views', () => refreshViews({ ...proof, views: proof.restored.plan.steps.views }))
    // The last that needs it: a decrypted copy lies about no longer than it has to.
    if (material.archive.kind === 'file') await material.archive.done()
    await climb('expectations', async () => {
      const { expectations } = plan
      if (!expectations) return { outcome: 'skipped', summary: 'No expectations were given.' }
      await using session = await openSession(proof.target.owner, signal)
      return await checkExpectations(session, expectations, new Date(material.manifest.snapshot.time))
    })
    if (plan.extras.amcheck) await climb('amcheck', () => checkIndexes(proof.target, signal))
    if (plan.extras.negativeControl) {
      await climb('negative-control', () => damageCopy(proof.target.owner, found?.tables ?? [], signal))
    }
    watch.lap('check')
    const { tables } = proof.contents
    const counted = tables.every(({ rows }) => rows !== null)
    return {
      tables: tables.length,
      rows: counted ? tables.reduce((sum, { rows }) => sum + (rows ?? 0), 0) : null,
      orphans,
    }
  } finally {
    await holder.proof?.dispose()
  }
}

interface Proof {
  readonly target: RestoreTarget
  readonly restored: Restored
  readonly contents: Contents
  readonly statements: readonly GlobalStatement[] | undefined
  readonly program: RestoreProgram
  readonly tocPath: string
  dispose(): Promise<void>
}

async function restore(
  { place, temporary, jobs, secret, stallMs }: ProveOptions,
  { manifest, archive, contents: bytes, globals }: ProofMaterial,
  { log, signal }: ProofContext,
): Promise<Proof> {
  const contents = parseContents(bytes)
  const statements = globals === undefined ? undefined : parseGlobals(globals)
  {
    await using session = await openSession(place.administrator, signal)
    refuseMissingExtensions(await missingExtensions(session, contents.extensions), place.major)
  }
  const unique = secret().slice(0, 12)
  const wanted: TargetOptions = {
    administrator: place.administrator,
    database: `lifeboat_verify_${unique}`,
    ownerRole: `lifeboat_owner_${unique}`,
    ownerPassword: secret(),
    server: manifestOf('postgres', manifest).server,
    roles: rolesOf(contents, statements),
    ownRoles: place.ownRoles,
    major: place.major,
    signal,
  }
  const target = await createTarget(wanted)
  const access = await libpqAccess(target.owner, temporary)
  const dispose = async (): Promise<void> => {
    await access[Symbol.asyncDispose]()
    await target[Symbol.asyncDispose]()
  }
  try {
    const program = { tools: place.tools, access: access.environment, folder: temporary, signal, stallMs }
    const tocPath = await tocOf(archive, program)
    const restored = await restoreArchive({
      target,
      tocPath,
      ...(archive.kind === 'stream' && { stream: () => archive.open(signal) }),
      extensions: contents.extensions,
      program,
      jobs,
      log,
    })
    return { target, restored, contents, statements, program, tocPath, dispose }
  } catch (error) {
    const words = error instanceof LifeboatError && error.code === 'platform' ? await place.lastWords() : ''
    if (words !== '') log.info(`The server's last words:\n${words}`)
    await dispose()
    throw error
  }
}

function rolesOf(contents: Contents, statements: readonly GlobalStatement[] | undefined): string[] {
  const created = (statements ?? []).flatMap((each) => (each.kind === 'create-role' ? [each.role] : []))
  return [...new Set([...contents.roles, ...created, ...contents.settings.map(({ role }) => role)])]
}

function restoredReport({ restored, target }: Proof, place: ProofPlace): RungReport {
  const { plan, entries, grantsRefused } = restored
  const left = plan.leftOut.map(
    ({ class: kind, count, why }) => `Left out: ${count} × ${kind}, because ${why}.`,
  )
  const grants =
    grantsRefused.length > 0
      ? [`${grantsRefused.length} grants can be made again by a superuser only; they were tried and refused.`]
      : []
  const taken = Object.values(plan.steps).reduce((sum, step) => sum + step.length, 0)
  return {
    outcome: 'passed',
    summary:
      `${taken} of ${entries.length} entries of the archive restored into PostgreSQL ${place.tools.version}` +
      `${target.owners ? ', with owners and grants' : ''}, as a role that is no superuser.`,
    notes: [...left, ...grants],
  }
}

async function compare(
  { target, restored, contents, statements }: Proof,
  { jobs }: ProveOptions,
  { manifest }: ProofMaterial,
  signal: AbortSignal,
): Promise<{ report: RungReport; found: FoundContents }> {
  const { standby } = manifestOf('postgres', manifest).server
  const found = await findContents(target.owner, contents, { standby, sessions: jobs, signal })
  const rows = compareContents(contents, found, (kind) => countClass(restored.entries, kind))
  await using session = await openSession(target.owner, signal)
  const behind = await sequencesBehind(session)
  if (target.owners && statements) await applyToTarget(target, statements, signal)
  const globals = compareGlobals(
    contents,
    target.owners && statements ? await takeInventory(session) : undefined,
    statements,
  )
  const differences = [...rows.differences, ...globals.differences]
  const total = contents.tables.reduce((sum, table) => sum + (table.rows ?? 0), 0)
  const warnings = [
    ...rows.warnings,
    ...behind.map(
      (name) => `Sequence ${name} stands behind its column's highest value, as it did in the source.`,
    ),
  ]
  const measured: Readonly<Record<Contents['fingerprint'], string>> = {
    digest: `${contents.tables.length} tables with ${total} rows equal the snapshot, by digest.`,
    counts: `${contents.tables.length} tables have the snapshot's ${total} rows; their contents were not fingerprinted.`,
    none: `${contents.tables.length} tables are there; the backup has no fingerprint of rows.`,
  }
  const report: RungReport = {
    outcome:
      differences.length > 0 ? 'failed' : contents.fingerprint === 'digest' ? 'passed' : 'not-measured',
    summary:
      differences.length > 0
        ? `${differences.length} differences from the snapshot.`
        : measured[contents.fingerprint],
    findings: differences,
    warnings,
    notes: [...rows.notes, ...globals.notes],
  }
  return { report, found }
}
