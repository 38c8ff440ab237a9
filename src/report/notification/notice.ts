import type { Outcome } from '../../catalog/outcome.ts'
import { formatDuration, formatTime } from '../format.ts'

/** What a person is told of a run, before it is put into the form of a medium. All text in it is foreign. */
export interface Notice {
  readonly tone: 'good' | 'warning' | 'bad'
  /** `Lifeboat: backup FAILED in acme/shop` */
  readonly title: string
  /** What happened, and what to do. */
  readonly paragraphs: readonly string[]
  readonly facts: readonly (readonly [label: string, value: string])[]
  /** Of the run on GitHub; absent elsewhere. */
  readonly link?: string
}

/** Beyond them the rest is in the run itself. Teams takes 28 KB in all, Discord 4,096 characters. */
const LONGEST_TEXT = 1_000
const LONGEST_FACT = 100
const MOST_WARNINGS = 5
const MOST_FACTS = 8

export function noticeOf(outcome: Outcome): Notice {
  const { command, failure, warnings, run } = outcome
  const where = run['repository'] === undefined ? '' : ` in ${run['repository']}`
  const shown = warnings.slice(0, MOST_WARNINGS)
  const left = warnings.length - shown.length
  const link = linkOf(run)
  return {
    tone: failure ? 'bad' : warnings.length > 0 ? 'warning' : 'good',
    title: shortened(`Lifeboat: ${command} ${ending(outcome)}${where}`, LONGEST_FACT * 2),
    paragraphs: [
      ...(failure ? [failure.message] : []),
      ...(failure?.hint === undefined ? [] : [`What to do: ${failure.hint}`]),
      ...shown.map((warning) => `Warning: ${warning}`),
      ...(left > 0 ? [`… and ${left} more warnings`] : []),
    ].map((text) => shortened(text, LONGEST_TEXT)),
    facts: factsOf(outcome),
    ...(link !== undefined && { link }),
  }
}

/** The same in plain lines, the title first. */
export function plainLines({ title, paragraphs, facts, link }: Notice): string[] {
  return [
    title,
    ...paragraphs,
    ...facts.map(([label, value]) => `${label}: ${value}`),
    ...(link === undefined ? [] : [link]),
  ]
}

/** Cut between characters, with a sign that something is missing. */
export function shortened(text: string, longest: number): string {
  const characters = Array.from(text)
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`
}

function ending({ result, warnings }: Outcome): string {
  if (result === 'failure') return 'FAILED'
  if (result === 'cancelled') return 'was CANCELLED'
  return warnings.length > 0 ? 'succeeded, with warnings' : 'succeeded'
}

function factsOf({ source, started, seconds, figures, run }: Outcome): Notice['facts'] {
  const plain = Object.entries(figures).filter(
    ([, value]) => value !== '' && value.length <= LONGEST_FACT && !/^[[{]/.test(value),
  )
  return [
    ['Source', source],
    ...(run['workflow'] === undefined
      ? []
      : [['Workflow', shortened(run['workflow'], LONGEST_FACT)] as const]),
    ['Started', formatTime(started)],
    ['Duration', formatDuration(seconds * 1000)],
    ...plain.slice(0, MOST_FACTS),
  ]
}

/** Only an address that can do nothing but lead to a run. */
function linkOf({ server, repository, run }: Outcome['run']): string | undefined {
  if (!/^https:\/\/[\w.:-]+$/.test(server ?? '')) return undefined
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository ?? '') || !/^\d+$/.test(run ?? '')) return undefined
  return `${server ?? ''}/${repository ?? ''}/actions/runs/${run ?? ''}`
}
