import type { Clock, Log } from '../catalog/ports.ts'
import { PROVING, type ClimbedRung, type Rung, type RungReport } from '../catalog/verification.ts'
import { LifeboatError } from '../errors.ts'

/** Codes that speak of the backup itself; every other failure is one of what is around it. */
const BAD_DATA: readonly string[] = ['damaged', 'store-missing', 'unrestorable']

/** Thrown when a rung that proves the backup failed: nothing above it can be climbed. */
export class ClimbEnded extends Error {
  readonly rung: ClimbedRung

  constructor(rung: ClimbedRung, cause: unknown) {
    super(rung.summary, { cause })
    this.name = 'ClimbEnded'
    this.rung = rung
  }
}

export interface Ladder {
  readonly rungs: readonly ClimbedRung[]
  readonly climb: (rung: Rung, work: () => Promise<RungReport>) => Promise<RungReport>
}

/**
 * Climbs rung by rung, telling the log of each. A failure of the surroundings (no network, no disk, no server) is
 * thrown on and leaves its rung NOT MEASURED. One that is climbed a second time is as good as the worse of both.
 */
export function ladder({ log, clock }: { readonly log: Log; readonly clock: Clock }): Ladder {
  const rungs: ClimbedRung[] = []
  const climb = async (rung: Rung, work: () => Promise<RungReport>): Promise<RungReport> => {
    const since = clock.elapsed()
    const keep = (report: RungReport & Pick<ClimbedRung, 'fault'>): ClimbedRung => {
      const climbed = { ...report, rung, seconds: Math.round(clock.elapsed() - since) / 1000 }
      const at = rungs.findIndex((each) => each.rung === rung)
      const before = rungs[at]
      if (before === undefined) rungs.push(climbed)
      else rungs[at] = joined(before, climbed)
      tell(log, climbed)
      return rungs[at] ?? climbed
    }
    let report: RungReport
    try {
      report = await work()
    } catch (error) {
      if (error instanceof ClimbEnded) throw error
      const about = sentenceOf(error)
      if (!(error instanceof LifeboatError) || !BAD_DATA.includes(error.code)) {
        keep({ outcome: 'not-measured', summary: 'Something around the backup failed.', notes: [about] })
        throw error
      }
      const isWhole = error.code === 'unrestorable'
      const finding = { what: WHAT[error.code] ?? '', expected: '', found: about }
      throw new ClimbEnded(
        keep({
          outcome: 'failed',
          fault: isWhole ? 'restore' : 'bytes',
          summary: plainSummary(rung),
          findings: [finding],
          // What mends a database; what to do about damaged bytes is the same for all of them.
          ...(isWhole && error.hint !== undefined && { notes: [error.hint] }),
        }),
        error,
      )
    }
    const climbed = keep(report)
    if (climbed.outcome === 'failed' && PROVING.includes(rung)) throw new ClimbEnded(climbed, undefined)
    return climbed
  }
  return { rungs, climb }
}

const WHAT: Readonly<Record<string, string>> = {
  damaged: 'damage',
  'store-missing': 'missing',
  unrestorable: 'not restored',
}

const WORST_FIRST = ['failed', 'not-measured', 'passed', 'skipped'] as const

function joined(first: ClimbedRung, second: ClimbedRung): ClimbedRung {
  const outcomes = [first.outcome, second.outcome]
  return {
    ...first,
    ...second,
    outcome: WORST_FIRST.find((each) => outcomes.includes(each)) ?? 'skipped',
    seconds: Math.round((first.seconds + second.seconds) * 1000) / 1000,
    summary: `${first.summary} ${second.summary}`,
    findings: [...(first.findings ?? []), ...(second.findings ?? [])],
    warnings: [...(first.warnings ?? []), ...(second.warnings ?? [])],
    notes: [...(first.notes ?? []), ...(second.notes ?? [])],
  }
}

const FAILURES: Readonly<Record<Rung, string>> = {
  manifest: 'The manifest is not that of this backup.',
  stored: 'A stored object is missing or is not what the manifest recorded.',
  opened: 'An artifact cannot be decrypted: it is damaged.',
  unpacked: 'An artifact does not unpack to what was recorded.',
  restored: 'What the archive holds does not restore without errors.',
  equal: 'The restored database is not what the snapshot held.',
  references: 'References lead nowhere.',
  views: 'A materialized view cannot be refreshed.',
  searches: 'A search finds too little.',
  expectations: 'An expectation does not hold.',
  amcheck: 'An index is corrupt.',
  'negative-control': 'A damaged copy was not noticed.',
  time: 'The restore takes longer than the target.',
}

function plainSummary(rung: Rung): string {
  return FAILURES[rung]
}

const WORDS: Readonly<Record<RungReport['outcome'], string>> = {
  passed: 'passed',
  failed: 'FAILED',
  'not-measured': 'NOT MEASURED',
  skipped: 'skipped',
}

function tell(
  log: Log,
  { rung, outcome, summary, seconds, findings = [], warnings = [], notes = [] }: ClimbedRung,
): void {
  log.info(`${rung}: ${WORDS[outcome]} (${seconds.toFixed(1)} s). ${summary}`)
  for (const { what, expected, found } of findings.slice(0, 20)) {
    log.info(`  ${what}: ${expected === '' ? '' : `expected ${expected}, `}found ${found}`)
  }
  if (findings.length > 20) log.info(`  … and ${findings.length - 20} more`)
  for (const note of notes) log.info(`  ${note}`)
  for (const warning of warnings) log.warning(warning)
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
