import type { DrillCheck, DrillLeg } from '../catalog/drill.ts'
import { OUTCOME_WORDS, recoveryTime, type DrillReport } from './drill-report.ts'
import { formatCount, formatDuration, formatTime } from './format.ts'
import { markup, type Html } from './html.ts'
import { htmlPage } from './html-page.ts'
import { alarm, badge, facts, section, table, tile, type Tone } from './html-parts.ts'
import type { Redact } from './log.ts'

/** The evidence of a drill as one page, to be printed, signed and filed. */
export function drillPage(report: DrillReport, redact: Redact): string {
  const { problems, legs, acceptance, started, finished, run } = report
  const passed = problems.length === 0
  return htmlPage(
    {
      title: 'Recovery drill',
      kicker: 'Lifeboat',
      badge: passed ? badge('good', 'passed') : badge('bad', 'failed'),
      lead: markup`Begun ${formatTime(started)}, ended ${formatTime(finished)}.`,
      body: markup`${passed ? undefined : problemSection(problems)}
${section('Figures', markup`<div class="tiles">${tilesOf(report)}</div>`)}
${section('Who, where, what', facts(origin(report)))}
${legs.map(legSection)}
${section(
  'Acceptance',
  acceptance.length === 0
    ? markup`<p>NOT MEASURED: the expectations file has no http entries.</p>`
    : checkTable(acceptance),
  'Asked at the end, of what runs on the recovered data.',
)}
${section('Signatures', signatures())}`,
      footer: markup`Written by Lifeboat ${report.lifeboat}${run['repository'] ? ` for ${run['repository']}` : ''}.`,
    },
    redact,
  )
}

function problemSection(problems: readonly string[]): Html {
  const items = problems.map((text, index) => alarm('bad', { title: `Problem ${index + 1}`, text }))
  return section('What failed', markup`<ul class="alarms">${items}</ul>`)
}

function tilesOf({ legs, totalSeconds, totalTargetSeconds }: DrillReport): Html[] {
  return [
    ...legs.map((leg) =>
      tile(leg.title, {
        value: leg.recoverySeconds === undefined ? '–' : formatDuration(leg.recoverySeconds * 1000),
        note: `${leg.recoverySeconds === undefined ? 'NOT MEASURED' : 'to recover'}; at most ${formatDuration(leg.targetSeconds * 1000)}`,
        tone: leg.problems.length === 0 ? 'good' : 'bad',
      }),
    ),
    tile('Everything', {
      value: formatDuration(totalSeconds * 1000),
      note: `with all proofs; at most ${formatDuration(totalTargetSeconds * 1000)}`,
      tone: totalSeconds <= totalTargetSeconds ? 'good' : 'bad',
    }),
  ]
}

const RUN_WORDS: Readonly<Record<string, string>> = {
  repository: 'Repository',
  workflow: 'Workflow',
  run: 'Run',
  attempt: 'Attempt',
  actor: 'Started by',
  event: 'Because of',
  commit: 'Commit',
  runner: 'Runner',
}

function origin({ store, prefix, run }: DrillReport): (readonly [string, string])[] {
  const known = Object.entries(RUN_WORDS).flatMap(([key, title]) => {
    const value = run[key]
    return value === undefined ? [] : [[title, value] as const]
  })
  return [['Store', store], ['Prefix', prefix || '/'], ...known]
}

function legSection(leg: DrillLeg): Html {
  const pairs = [
    ...leg.facts.map(([name, value]) => [name, readable(value)] as const),
    ['Recovered in', recoveryTime(leg)] as const,
    ['With its proof', formatDuration(leg.seconds * 1000)] as const,
  ]
  return section(
    leg.title,
    markup`${facts(pairs)}${leg.checks.length === 0 ? undefined : checkTable(leg.checks)}`,
  )
}

/** Amounts with commas between their thousands. */
function readable(value: string): string {
  return /^\d+$/.test(value) ? formatCount(Number(value)) : value
}

const TONES: Readonly<Record<DrillCheck['outcome'], Tone>> = {
  passed: 'good',
  failed: 'bad',
  'not-measured': 'warn',
  skipped: 'none',
}

function checkTable(checks: readonly DrillCheck[]): Html {
  return table(
    [
      { title: 'Check' },
      { title: 'Verdict' },
      { title: 'What came of it' },
      { title: 'Time', numeric: true },
    ],
    checks.map(({ what, outcome, summary, seconds }) => [
      what,
      badge(TONES[outcome], OUTCOME_WORDS[outcome]),
      summary,
      formatDuration(seconds * 1000),
    ]),
  )
}

/** Lines to write on. */
function signatures(): Html {
  const blank = markup`<br>\u00a0`
  const roles = ['Held by', 'Witnessed by', 'Accepted by']
  return table(
    ['Role', 'Name', 'Date', 'Signature'].map((title) => ({ title })),
    roles.map((role) => [role, blank, blank, blank]),
  )
}
