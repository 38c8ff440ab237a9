import type { Breach } from '../catalog/breach.ts'
import type { Rate, WatchedName } from '../catalog/watched.ts'
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
import {
  describeCommitted,
  describeCopy,
  describeProof,
  describeRestore,
  describeTargets,
  describeVerdicts,
  remarksOf,
} from './name-text.ts'
import type { Block, Cell } from './summary.ts'

/** So many names have charts of their own in the summary; the page has all. */
const MOST_CHARTED = 5
/** More bars cannot be told apart. */
const BARS = 12
const MOST_REMARKS = 20

/** What the job's summary says of a run of `check`. */
export function checkSummary(report: CheckReport): Block[] {
  const breaches = allBreaches(report)
  const { names, notMeasured } = report
  return [
    { kind: 'heading', level: 2, text: headline(breaches, names) },
    ...(breaches.length === 0 ? [] : [breachTable(breaches)]),
    ...(names.length === 0 ? [] : [overview(report)]),
    facts(report),
    ...listed('NOT MEASURED', notMeasured),
    ...listed('Worth a look', remarksOf(names).slice(0, MOST_REMARKS)),
    ...listed(
      'Notes',
      names.flatMap(({ notes }) => notes),
    ),
    ...rateTable(report.rates),
    ...nameRateTable(names),
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

function overview({ names, replica }: CheckReport): Block {
  const rows = names.map((name): Cell[] => {
    const { newest, gap, restores, total } = name
    return [
      { code: name.name },
      name.breaches.length === 0 ? 'ok' : plural(name.breaches.length, 'breach', 'breaches').toUpperCase(),
      newest ? `${formatDuration(newest.ageMs)} old` : 'NONE',
      gap ? formatDuration(gap.ms) : '–',
      describeProof(name),
      restores.length > 0 ? describeRestore(name) : 'NOT MEASURED',
      name.encryption ?? 'NOT MEASURED',
      ...(replica ? [describeCopy(name)] : []),
      formatCount(total.backups),
      formatBytes(total.bytes),
    ]
  })
  const words = ['Name', 'State', 'Newest', 'Worst gap', 'Verified', 'Time to restore', 'Encrypted for']
  if (replica) words.push('In the second store')
  return {
    kind: 'table',
    columns: [
      ...words.map((title) => ({ title })),
      ...['Backups', 'Stored'].map((title) => ({ title, numeric: true })),
    ],
    rows,
  }
}

function facts({ now, store, prefix, replica, targets, policy, foreign }: CheckReport): Block {
  const rows: Cell[][] = [
    ['Checked', formatTime(now)],
    ['Store', store],
    ['Prefix', { code: prefix === '' ? '/' : prefix }],
    ...(replica
      ? [['Second store', `${replica.store}, ${replica.prefix === '' ? '/' : replica.prefix}`]]
      : []),
    ['Targets', describeTargets(targets, { replica: replica !== undefined })],
    ['Retention', policy],
    ...(foreign > 0 ? [['Not ours', plural(foreign, 'object')]] : []),
  ]
  return { kind: 'table', columns: [{ title: 'What' }, { title: 'Value' }], rows }
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

function nameRateTable(names: readonly WatchedName[]): Block[] {
  if (names.length === 0) return []
  const table: Block = {
    kind: 'table',
    columns: [
      { title: 'Name' },
      { title: 'Backups of 7 days that were committed' },
      { title: 'Verifications of 30 days' },
    ],
    rows: names.map(({ name, rates }): Cell[] => [
      { code: name },
      describeCommitted(rates),
      describeVerdicts(rates),
    ]),
  }
  return [{ kind: 'details', title: 'What ended well, by name', blocks: [table] }]
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
