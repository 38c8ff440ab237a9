import type { Breach } from '../catalog/breach.ts'
import type { Rate, WatchedName, WatchTargets } from '../catalog/watched.ts'
import { BREACH_TITLES, describeBreach } from './breach-text.ts'
import { bars, pie } from './charts.ts'
import { allBreaches, type CheckReport } from './check-report.ts'
import {
  byteUnit,
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  formatTime,
  plural,
} from './format.ts'
import type { Block, Cell } from './summary.ts'

/** So many names have charts of their own in the summary; the page has all. */
const MOST_CHARTED = 5
/** More bars cannot be told apart. */
const BARS = 12

/** What the job's summary says of a run of `check`. */
export function checkSummary(report: CheckReport): Block[] {
  const breaches = allBreaches(report)
  const { names, notMeasured } = report
  return [
    { kind: 'heading', level: 2, text: headline(breaches, names) },
    ...(breaches.length === 0 ? [] : [breachTable(breaches)]),
    ...(names.length === 0 ? [] : [overview(names)]),
    facts(report),
    ...listed('NOT MEASURED', notMeasured),
    ...listed(
      'Notes',
      names.flatMap(({ notes }) => notes),
    ),
    ...rateTable(report.rates),
    ...storedChart(names),
    ...names.slice(0, MOST_CHARTED).flatMap(charts),
  ]
}

function headline(breaches: readonly Breach[], names: readonly WatchedName[]): string {
  const of = plural(names.length, 'database')
  return breaches.length === 0
    ? `Backups are well: ${of}`
    : `${plural(breaches.length, 'breach', 'breaches')}: ${of}`
}

function breachTable(breaches: readonly Breach[]): Block {
  const rows = breaches.map((breach): Cell[] => {
    const { text, hint } = describeBreach(breach)
    const name = 'name' in breach ? (breach.name ?? '') : ''
    return [BREACH_TITLES[breach.kind], name === '' ? 'the store' : { code: name }, text, hint]
  })
  return {
    kind: 'table',
    columns: ['Breach', 'Whose', 'What is wrong', 'What to do'].map((title) => ({ title })),
    rows,
  }
}

function overview(names: readonly WatchedName[]): Block {
  const rows = names.map((name): Cell[] => {
    const { newest, gap, restores, total } = name
    return [
      { code: name.name },
      name.breaches.length === 0 ? 'ok' : plural(name.breaches.length, 'breach', 'breaches').toUpperCase(),
      newest ? `${formatDuration(newest.ageMs)} old` : 'NONE',
      gap ? formatDuration(gap.ms) : '–',
      describeProof(name),
      restores[0] ? formatDuration(restores[0].seconds * 1000) : 'NOT MEASURED',
      name.encryption ?? 'NOT MEASURED',
      formatCount(total.backups),
      formatBytes(total.bytes),
    ]
  })
  const words = ['Name', 'State', 'Newest', 'Worst gap', 'Verified', 'Time to restore', 'Encrypted for']
  return {
    kind: 'table',
    columns: [
      ...words.map((title) => ({ title })),
      ...['Backups', 'Stored'].map((title) => ({ title, numeric: true })),
    ],
    rows,
  }
}

/** What the latest verification said, and when. */
export function describeProof({ verification }: Pick<WatchedName, 'verification'>): string {
  if (!verification) return 'never'
  const { verdict, time } = verification
  return `${{ ok: 'ok', partial: 'partial', failed: 'FAILED' }[verdict]}, ${formatTime(time)}`
}

function facts({ now, store, prefix, targets, policy, foreign }: CheckReport): Block {
  const rows: Cell[][] = [
    ['Checked', formatTime(now)],
    ['Store', store],
    ['Prefix', { code: prefix === '' ? '/' : prefix }],
    ['Targets', describeTargets(targets)],
    ['Retention', policy],
    ...(foreign > 0 ? [['Not ours', plural(foreign, 'object')]] : []),
  ]
  return { kind: 'table', columns: [{ title: 'What' }, { title: 'Value' }], rows }
}

/** `a backup not older than 1 d 2 h, …` */
export function describeTargets({ rpoMs, gapMs, rtoMs, verifiedMs, recipients }: WatchTargets): string {
  return [
    `newest backup at most ${formatDuration(rpoMs)} old`,
    ...(gapMs === rpoMs ? [] : [`gaps of at most ${formatDuration(gapMs)}`]),
    `restored within ${formatDuration(rtoMs)}`,
    ...(verifiedMs === undefined ? [] : [`verified within ${formatDuration(verifiedMs)}`]),
    ...(recipients === undefined ? [] : [`encrypted to at least ${plural(recipients, 'recipient')}`]),
  ].join(', ')
}

function rateTable(rates: readonly Rate[]): Block[] {
  if (rates.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: 'Runs of the last 30 days' },
    {
      kind: 'table',
      columns: [
        { title: 'Command' },
        ...['Succeeded', 'Failed', 'Cancelled', 'Rate'].map((title) => ({ title, numeric: true })),
        { title: 'Last success' },
      ],
      rows: rates.map(({ command, success, failure, cancelled, last }): Cell[] => [
        { code: command },
        formatCount(success),
        formatCount(failure),
        formatCount(cancelled),
        formatShare(success, success + failure),
        last ? formatTime(last) : 'none',
      ]),
    },
  ]
}

function storedChart(names: readonly WatchedName[]): Block[] {
  const chart = pie(
    'Stored bytes by name',
    names.map(({ name, total }) => ({ label: name, value: total.bytes })),
  )
  return chart ? [{ kind: 'chart', mermaid: chart }] : []
}

/** Sizes and times to restore, in the order of time. */
function charts({ name, backups, restores }: WatchedName): Block[] {
  const sizes = backups.slice(0, BARS).toReversed()
  const times = restores.slice(0, BARS).toReversed()
  const { unit, of } = byteUnit(Math.max(0, ...sizes.map(({ bytes }) => bytes)))
  const size = bars(
    'Stored size',
    unit,
    sizes.map(({ time, bytes }) => ({ label: dayAndHour(time), value: bytes / of })),
  )
  const time = bars(
    'Time to restore',
    'seconds',
    times.map((restore) => ({ label: dayAndHour(restore.time), value: restore.seconds })),
  )
  const blocks = [size, time].flatMap((chart): Block[] => (chart ? [{ kind: 'chart', mermaid: chart }] : []))
  return blocks.length === 0 ? [] : [{ kind: 'details', title: `Charts of ${name}`, blocks }]
}

/** `11-22 02h` */
function dayAndHour(time: Date): string {
  return `${time.toISOString().slice(5, 10)} ${time.toISOString().slice(11, 13)}h`
}

function listed(title: string, items: readonly string[]): Block[] {
  if (items.length === 0) return []
  return [
    { kind: 'heading', level: 3, text: title },
    { kind: 'list', items },
  ]
}
