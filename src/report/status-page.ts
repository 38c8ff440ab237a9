import type { WatchedName } from '../catalog/watched.ts'
import { BREACH_TITLES, describeBreach } from './breach-text.ts'
import { allBreaches, type CheckReport } from './check-report.ts'
import { formatBytes, formatCount, formatDuration, formatShare, formatTime, plural } from './format.ts'
import { htmlPage } from './html-page.ts'
import { alarm, badge, facts, list, section, table, tile, type Tone } from './html-parts.ts'
import { markup, type Html } from './html.ts'
import type { Redact } from './log.ts'
import { describeTargets, remarksOf } from './name-text.ts'
import { nameSection, stateOf } from './status-name.ts'

/** Up to so many names are shown open; more are opened where something is wrong with them. */
const OPEN = 2
const MOST_ALARMS = 200
const MOST_REMARKS = 50

/** The state of all backups under a prefix as one page: what is wrong first, then at a glance, then everything. */
export function statusPage(report: CheckReport, redact: Redact): string {
  const { names, store, prefix, now, lifeboat } = report
  const breaches = allBreaches(report)
  const body = markup`${alarms(report)}${glance(report)}${look(report)}${overview(report)}${
    names.length === 0
      ? undefined
      : section(
          names.length === 1 ? 'The database' : 'Each database',
          names.map((name) =>
            nameSection(name, report, { open: names.length <= OPEN || name.breaches.length > 0 }),
          ),
        )
  }${runs(report)}${basis(report)}`
  return htmlPage(
    {
      kicker: 'Lifeboat: state of backups',
      title:
        names.length === 1
          ? `Backups of ${names[0]?.name ?? ''}`
          : `Backups under ${prefix === '' ? '/' : prefix}`,
      badge:
        breaches.length > 0
          ? badge('bad', plural(breaches.length, 'breach', 'breaches'))
          : badge('good', 'All is well'),
      lead: markup`${store}, checked <time datetime="${now.toISOString()}">${formatTime(now)}</time>`,
      body,
      footer: markup`Written by Lifeboat ${lifeboat}. The page shows the moment of the check and does not renew itself. Times are UTC.`,
    },
    redact,
  )
}

function alarms(report: CheckReport): Html | undefined {
  const breaches = allBreaches(report)
  const { notMeasured } = report
  const left = breaches.length - MOST_ALARMS
  return markup`${
    breaches.length === 0
      ? undefined
      : section(
          plural(breaches.length, 'breach', 'breaches'),
          markup`<ul class="alarms">${breaches.slice(0, MOST_ALARMS).map((breach) => {
            const name = 'name' in breach ? (breach.name ?? '') : ''
            const title = BREACH_TITLES[breach.kind]
            return alarm('bad', {
              title: name === '' ? title : `${title}: ${name}`,
              ...describeBreach(breach),
            })
          })}</ul>${left > 0 ? markup`<p class="note">… and ${formatCount(left)} more.</p>` : undefined}`,
        )
  }${
    notMeasured.length === 0
      ? undefined
      : section(
          'Not measured',
          markup`<ul class="alarms">${notMeasured.map((text) => alarm('warn', { title: 'NOT MEASURED', text }))}</ul>`,
        )
  }`
}

/** Of one name they stand with it. */
function look({ names }: CheckReport): Html | undefined {
  const remarks = remarksOf(names)
  if (names.length < 2 || remarks.length === 0) return undefined
  return section('Worth a look', [
    list(remarks.slice(0, MOST_REMARKS)),
    ...(remarks.length > MOST_REMARKS
      ? [markup`<p class="note">… and ${formatCount(remarks.length - MOST_REMARKS)} more.</p>`]
      : []),
  ])
}

function glance(report: CheckReport): Html {
  const { names, targets, rates } = report
  const bad = names.filter(({ breaches }) => breaches.length > 0).length
  const ages = names.flatMap(({ newest }) => newest?.ageMs ?? [])
  const gaps = names.flatMap(({ gap }) => gap?.ms ?? [])
  const restores = names.flatMap(({ restores: [last] }) => (last ? [last.seconds * 1000] : []))
  const proved = names.filter(({ proved: proof }) => proof !== undefined).length
  const failed = names.filter(({ verification }) => verification?.verdict === 'failed').length
  const bytes = names.reduce((sum, { total }) => sum + total.bytes, 0)
  const count = names.reduce((sum, { total }) => sum + total.backups, 0)
  const backup = rates.find(({ command }) => command === 'backup')
  return section('At a glance', [
    markup`<div class="tiles">`,
    tile('Databases', {
      value: formatCount(names.length),
      note:
        names.length === 0 ? 'nothing found' : bad === 0 ? 'all well' : `${formatCount(bad)} with a breach`,
      tone: names.length === 0 || bad > 0 ? 'bad' : 'good',
    }),
    measured('Newest backup', ages, targets.rpoMs, names.length > 1 ? 'the oldest of these' : ''),
    measured('Worst gap in 30 days', gaps, targets.gapMs, ''),
    tile('Proved by a restore', {
      value: `${formatCount(proved)} of ${formatCount(names.length)}`,
      note: failed > 0 ? `${formatCount(failed)} failed last` : 'databases have a verified backup',
      tone: failed > 0 ? 'bad' : proved === names.length && proved > 0 ? 'good' : 'warn',
    }),
    measured('Time to restore', restores, targets.rtoMs, names.length > 1 ? 'the slowest' : ''),
    ...(report.replica ? [secondStore(report)] : []),
    tile('Stored', { value: formatBytes(bytes), note: plural(count, 'backup'), tone: 'none' }),
    ...(backup
      ? [
          tile('Backups that succeeded', {
            value: formatShare(backup.success, backup.success + backup.failure),
            note: `of ${plural(backup.success + backup.failure, 'run')} in 30 days`,
            tone: backup.failure > 0 ? 'warn' : 'good',
          }),
        ]
      : []),
    markup`</div>`,
  ])
}

function measured(title: string, values: readonly number[], limit: number, whose: string): Html {
  const worst = values.length === 0 ? undefined : Math.max(...values)
  const tone: Tone = worst === undefined ? 'none' : worst > limit ? 'bad' : 'good'
  const note = `${whose === '' ? '' : `${whose}; `}at most ${formatDuration(limit)}`
  return tile(title, {
    value: worst === undefined ? '–' : formatDuration(worst),
    note: worst === undefined ? `NOT MEASURED; ${note}` : note,
    tone,
  })
}

function secondStore(report: CheckReport): Html {
  const { names, targets } = report
  const ages = names.flatMap(({ replica }) => replica?.newest?.ageMs ?? [])
  const without = names.filter(({ replica }) => replica?.newest === undefined).length
  const isBad = allBreaches(report).some(({ kind }) => kind.startsWith('replica-'))
  const note = without === 0 ? '' : `${formatCount(without)} without a copy; `
  return tile('Newest in the second store', {
    value: ages.length === 0 ? '–' : formatDuration(Math.max(...ages)),
    note: `${note}at most ${formatDuration(targets.replicaMs ?? targets.rpoMs)} behind`,
    tone: isBad ? 'bad' : without > 0 ? 'warn' : 'good',
  })
}

function overview({ names, replica }: CheckReport): Html | undefined {
  if (names.length < 2) return undefined
  const words = ['Database', 'State', 'Newest', 'Verified', 'Time to restore']
  const columns = [
    ...[...words, ...(replica ? ['Second store'] : [])].map((title) => ({ title })),
    ...['Backups', 'Stored'].map((title) => ({ title, numeric: true })),
  ]
  const rank = ({ breaches }: WatchedName): number => (breaches.length > 0 ? 0 : 1)
  const rows = names
    .toSorted((a, b) => rank(a) - rank(b))
    .map((name) => [
      name.name,
      stateOf(name),
      age(name.newest),
      name.verification
        ? `${name.verification.verdict}, ${name.verification.time.toISOString().slice(0, 10)}`
        : 'never',
      name.restores[0] ? formatDuration(name.restores[0].seconds * 1000) : '–',
      ...(replica ? [age(name.replica?.newest)] : []),
      formatCount(name.total.backups),
      formatBytes(name.total.bytes),
    ])
  return section('All databases', table(columns, rows))
}

function age(backup: WatchedName['newest']): string {
  return backup ? `${formatDuration(backup.ageMs)} old` : 'none'
}

function runs({ rates }: CheckReport): Html | undefined {
  if (rates.length === 0) return undefined
  const columns = [
    { title: 'Command' },
    ...['Succeeded', 'Failed', 'Cancelled', 'Rate'].map((title) => ({ title, numeric: true })),
    { title: 'Last success' },
  ]
  const rows = rates.map(({ command, success, failure, cancelled, last }) => [
    markup`<code>${command}</code>`,
    formatCount(success),
    formatCount(failure),
    formatCount(cancelled),
    formatShare(success, success + failure),
    last ? formatTime(last) : 'none',
  ])
  return section('Runs of the last 30 days', table(columns, rows), 'As the audit trail in the store tells.')
}

function basis({ targets, policy, prefix, replica, foreign, store, names }: CheckReport): Html {
  const notes = names.flatMap((name) => name.notes)
  return section('What this was measured by', [
    facts([
      ['Store', store],
      ['Prefix', markup`<code>${prefix === '' ? '/' : prefix}</code>`],
      ...(replica
        ? [
            [
              'Second store',
              markup`${replica.store}, <code>${replica.prefix === '' ? '/' : replica.prefix}</code>`,
            ] as const,
          ]
        : []),
      ['Targets', describeTargets(targets, { replica: replica !== undefined })],
      ['Retention', policy],
      ['Objects that are not ours', formatCount(foreign)],
    ]),
    ...(notes.length === 0 ? [] : [list(notes)]),
  ])
}
