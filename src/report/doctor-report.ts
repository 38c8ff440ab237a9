import type { Finding } from '../catalog/finding.ts'
import { plural } from './format.ts'
import type { Block, Cell } from './summary.ts'

/** What a doctor found, chapter by chapter. */
export type DoctorReport = readonly { readonly area: string; readonly findings: readonly Finding[] }[]

export const DOCTOR_OUTPUTS = ['passed', 'failed', 'advice', 'not-checked', 'findings'] as const

/** Every output of `command: doctor`, as `action.yml` describes them. */
export function doctorOutputs(
  report: DoctorReport,
): Readonly<Record<(typeof DOCTOR_OUTPUTS)[number], string>> {
  const count = (state: Finding['state']): string => inState(report, state).length.toString()
  const findings = report.flatMap(({ area, findings: all }) =>
    all.map(({ what, state, found, todo }) => ({
      area,
      check: what,
      result: state,
      found,
      todo: todo ?? null,
    })),
  )
  return {
    passed: count('passed'),
    failed: count('failed'),
    advice: count('advice'),
    'not-checked': count('not-checked'),
    findings: JSON.stringify(findings),
  }
}

/** One line for each that failed: `Store, delete: refused`. */
export function failureLines(report: DoctorReport): string[] {
  return report.flatMap(({ area, findings }) =>
    findings.filter(({ state }) => state === 'failed').map(({ what, found }) => `${area}, ${what}: ${found}`),
  )
}

/** `2 checks failed, 14 passed, 3 could be better, 1 was not checked.` */
export function doctorSentence(report: DoctorReport): string {
  const count = (state: Finding['state']): number => inState(report, state).length
  return `${plural(count('failed'), 'check')} failed, ${count('passed')} passed, ${count('advice')} could be better, ${count('not-checked')} not checked.`
}

const SIGNS: Readonly<Record<Finding['state'], string>> = {
  failed: '❌ failed',
  advice: '💡 advice',
  'not-checked': '– not checked',
  passed: '✅ passed',
}

export function doctorSummary(report: DoctorReport): Block[] {
  const failures = failureLines(report)
  return [
    {
      kind: 'heading',
      level: 2,
      text: failures.length > 0 ? 'Doctor: this needs you' : 'Doctor: all is well',
    },
    { kind: 'paragraph', text: doctorSentence(report) },
    ...report.flatMap(({ area, findings }): Block[] => [
      { kind: 'heading', level: 3, text: area },
      {
        kind: 'table',
        columns: ['Check', 'Result', 'Found', 'What to do'].map((title) => ({ title })),
        rows: findings.map(({ what, state, found, todo }): Cell[] => [what, SIGNS[state], found, todo ?? '']),
      },
    ]),
  ]
}

function inState(report: DoctorReport, state: Finding['state']): Finding[] {
  return report.flatMap(({ findings }) => findings.filter((each) => each.state === state))
}
