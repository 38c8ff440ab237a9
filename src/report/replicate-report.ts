import { formatBytes, formatCount, formatDuration, formatTime, plural } from './format.ts'
import type { Block, Cell } from './summary.ts'

/** What became of one backup. */
export type ReplicaFate = 'copied' | 'completed' | 'whole' | 'skipped' | 'unwanted' | 'unfinished' | 'failed'

export interface ReplicaLine {
  readonly name: string
  readonly id: string
  readonly time: Date
  readonly fate: ReplicaFate
  readonly objects: number
  /** Bytes that were copied. */
  readonly bytes: number
  /** Why it was not copied, or what else to know of it. */
  readonly remark: string
}

export interface ReplicateReport {
  readonly from: string
  readonly to: string
  readonly prefix: string
  readonly replicaPrefix: string
  /** As somebody would say it; undefined where everything is copied. */
  readonly policy: string | undefined
  readonly dryRun: boolean
  readonly elapsedMs: number
  /** Every committed backup, newest first. */
  readonly backups: readonly ReplicaLine[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** Every output of `command: replicate`, as `action.yml` describes them. */
export type ReplicateOutputs = Readonly<
  Record<'replicated' | 'bytes-replicated' | 'replica-lacks' | 'replicas', string>
>

export function replicateOutputs(backups: readonly ReplicaLine[]): ReplicateOutputs {
  const { replicated, bytes, lacks } = numbers(backups)
  return {
    replicated: replicated.toString(),
    'bytes-replicated': bytes.toString(),
    'replica-lacks': lacks.toString(),
    replicas: JSON.stringify(
      namesOf(backups).map((name) => {
        const own = backups.filter((backup) => backup.name === name)
        const of = numbers(own)
        return {
          name,
          replicated: of.replicated,
          'bytes-replicated': of.bytes,
          'replica-lacks': of.lacks,
          newest: own.find(isThere)?.id ?? null,
        }
      }),
    ),
  }
}

const FATES: Readonly<Record<ReplicaFate, readonly [done: string, dryRun: string]>> = {
  copied: ['copied', 'would be copied'],
  completed: ['completed', 'would be completed'],
  whole: ['was there', 'is there'],
  skipped: ['left out', 'would be left out'],
  unwanted: ['not kept there', 'not kept there'],
  unfinished: ['NOT FINISHED', 'NOT FINISHED'],
  failed: ['NOT COPIED', 'NOT COPIED'],
}

/** What the job's summary says of a run of `replicate`. */
export function replicateSummary(report: ReplicateReport): Block[] {
  const { backups, dryRun, prefix } = report
  const told = backups.filter(({ fate, remark }) => fate !== 'whole' || remark !== '')
  return [
    {
      kind: 'heading',
      level: 2,
      text: `Replica of ${prefix === '' ? '/' : prefix}${dryRun ? ': a dry run' : ''}`,
    },
    ...listed('Look at this', [...report.problems, ...report.warnings]),
    facts(report),
    ...overview(backups),
    ...(told.length === 0 ? [] : [details(told, dryRun)]),
  ]
}

function facts({
  from,
  to,
  prefix,
  replicaPrefix,
  policy,
  dryRun,
  elapsedMs,
  backups,
}: ReplicateReport): Block {
  const { replicated, bytes, lacks } = numbers(backups)
  const count = (...fates: readonly ReplicaFate[]): number =>
    backups.filter(({ fate }) => fates.includes(fate)).length
  const done = dryRun ? 'Would be copied' : 'Copied'
  const newest = backups.find(isThere)
  const rows: Cell[][] = [
    ['From', `${from}, ${prefix === '' ? '/' : prefix}`],
    ['To', `${to}, ${replicaPrefix === '' ? '/' : replicaPrefix}`],
    ...(policy === undefined ? [] : [['Kept there', policy]]),
    ['Committed backups here', formatCount(backups.length)],
    [done, `${plural(replicated, 'backup')}, ${formatBytes(bytes)}, in ${formatDuration(elapsedMs)}`],
    ['Were there already', plural(count('whole', 'completed'), 'backup')],
    ['The replica lacks', lacks === 0 ? 'nothing' : plural(lacks, 'backup')],
    ...(count('skipped') > 0 ? [['Left out, being removed', plural(count('skipped'), 'backup')]] : []),
    ...(count('unwanted') > 0 ? [['Not kept there by its policy', plural(count('unwanted'), 'backup')]] : []),
    ['Newest in the replica', newest ? `${newest.name}, ${formatTime(newest.time)}` : 'NONE'],
  ]
  return { kind: 'table', columns: [{ title: 'What' }, { title: 'Value' }], rows }
}

function overview(backups: readonly ReplicaLine[]): Block[] {
  const names = namesOf(backups)
  if (names.length < 2) return []
  const rows = names.map((name): Cell[] => {
    const own = backups.filter((backup) => backup.name === name)
    const { replicated, bytes, lacks } = numbers(own)
    const newest = own.find(isThere)
    return [
      { code: name },
      formatCount(replicated),
      formatBytes(bytes),
      formatCount(lacks),
      newest ? formatTime(newest.time) : 'NONE',
    ]
  })
  const numeric = ['Copied', 'Bytes', 'Lacks'].map((title) => ({ title, numeric: true }))
  return [
    { kind: 'table', columns: [{ title: 'Name' }, ...numeric, { title: 'Newest in the replica' }], rows },
  ]
}

function details(backups: readonly ReplicaLine[], dryRun: boolean): Block {
  const rows = backups.map(({ name, id, fate, objects, bytes, remark }): Cell[] => [
    { code: name },
    { code: id },
    FATES[fate][dryRun ? 1 : 0],
    objects === 0 ? '' : formatCount(objects),
    bytes === 0 ? '' : formatBytes(bytes),
    remark,
  ])
  const columns = [
    { title: 'Name' },
    { title: 'Backup' },
    { title: 'What' },
    { title: 'Objects', numeric: true },
    { title: 'Size', numeric: true },
    { title: 'Remark' },
  ]
  return {
    kind: 'details',
    title: `${plural(backups.length, 'backup')} in detail`,
    blocks: [{ kind: 'table', columns, rows }],
  }
}

/** In a dry run nothing was copied, but would be. */
function numbers(backups: readonly ReplicaLine[]): { replicated: number; bytes: number; lacks: number } {
  return {
    replicated: backups.filter(({ fate }) => fate === 'copied').length,
    bytes: backups.reduce((sum, { bytes }) => sum + bytes, 0),
    lacks: backups.filter(({ fate }) => fate === 'failed' || fate === 'unfinished').length,
  }
}

function isThere({ fate }: ReplicaLine): boolean {
  return fate === 'copied' || fate === 'completed' || fate === 'whole'
}

function namesOf(backups: readonly ReplicaLine[]): string[] {
  return [...new Set(backups.map(({ name }) => name))].sort()
}

function listed(title: string, items: readonly string[]): Block[] {
  if (items.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: title },
    { kind: 'list', items },
  ]
}
