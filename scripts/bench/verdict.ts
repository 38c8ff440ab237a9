import { table } from './table.ts'

/** One promise and whether it was kept. */
export interface Verdict {
  readonly what: string
  readonly measured: string
  readonly limit: string
  readonly met: boolean
}

export function verdictReport(verdicts: readonly Verdict[]): string {
  return table(
    ['promise', 'measured', 'limit', 'result'],
    ['left', 'right', 'right', 'left'],
    verdicts.map(({ what, measured, limit, met }) => [what, measured, limit, met ? 'met' : 'MISSED']),
  )
}
