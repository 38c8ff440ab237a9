import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { readmeTables, withTables, type ActionMetadata } from '../../../scripts/readme-tables.ts'
import { INPUTS } from '../../../src/inputs/table.ts'
import { backupOutputs } from '../../../src/report/backup-outputs.ts'
import { CHECK_OUTPUTS } from '../../../src/report/check-report.ts'
import { drillOutputs } from '../../../src/report/drill-report.ts'
import { DOCTOR_OUTPUTS } from '../../../src/report/doctor-report.ts'
import { lifecycleOutputs } from '../../../src/report/lifecycle-summary.ts'
import { pruneOutputs } from '../../../src/report/prune-outputs.ts'
import { replicateOutputs } from '../../../src/report/replicate-report.ts'
import { VERIFICATION_OUTPUTS } from '../../../src/report/verification-outputs.ts'
import { REINDEX_OUTPUTS } from '../../../src/report/reindex-summary.ts'
import { restoreOutputs, type RestoreReport } from '../../../src/report/restore-report.ts'

const action = parse(
  readFileSync(new URL('../../../action.yml', import.meta.url), 'utf8'),
) as ActionMetadata & {
  readonly runs: unknown
}

const NOTHING: RestoreReport['outcome'] = {
  database: '',
  previous: undefined,
  failures: [],
  notValid: [],
  notes: [],
  cutOver: [],
  comparison: { outcome: 'equal', summary: '', findings: [] },
}

describe('action.yml', () => {
  it('has the inputs that are read, in the same order, and no others', () => {
    expect(Object.keys(action.inputs)).toEqual(INPUTS.map(({ name }) => name))
  })

  it('has no default, which would hide the environment', () => {
    expect(Object.values(action.inputs).filter((input) => 'default' in input)).toEqual([])
  })

  it.each(INPUTS)('describes what stands in for $name, and what holds without it', (row) => {
    const description = action.inputs[row.name]?.description ?? ''
    if (row.fallback !== undefined) expect(description).toContain(`\`${row.fallback}\``)
    if (row.default !== undefined) expect(description).toContain(`\`${row.default}\``)
    expect(description).toMatch(/^\S.{30,}\.$/s)
  })

  it('names no variable as a fallback that is none', () => {
    const fallbacks = new Set(INPUTS.map(({ fallback }) => fallback))
    const named = Object.values(action.inputs).flatMap(({ description }) =>
      [...description.matchAll(/Falls back\s+to\s+`([A-Z0-9_]+)`/g)].map((match) => match[1]),
    )
    expect(named).toHaveLength(INPUTS.filter(({ fallback }) => fallback !== undefined).length)
    expect(named.filter((name) => !fallbacks.has(name))).toEqual([])
  })

  it('has the outputs that are set, in the same order, and no others', () => {
    expect(Object.keys(action.outputs)).toEqual([
      ...Object.keys(backupOutputs([])),
      ...Object.keys(pruneOutputs([])),
      ...Object.keys(replicateOutputs([])),
      ...Object.keys(drillOutputs({ problems: [], totalSeconds: 0 })),
      ...Object.keys(lifecycleOutputs([])),
      ...VERIFICATION_OUTPUTS,
      ...Object.keys(restoreOutputs({ outcome: NOTHING })),
      ...REINDEX_OUTPUTS,
      ...CHECK_OUTPUTS,
      ...DOCTOR_OUTPUTS,
    ])
  })

  it('runs the bundle before and after', () => {
    expect(action.runs).toEqual({
      using: 'node24',
      main: 'dist/index.js',
      post: 'dist/index.js',
      'post-if': 'always()',
    })
  })
})

describe("the README's tables", () => {
  const tables = readmeTables(action, INPUTS)

  it('hold every input and output once', () => {
    for (const name of Object.keys(action.inputs))
      expect(tables.inputs?.split(`\n| \`${name}\` | `)).toHaveLength(2)
    for (const name of Object.keys(action.outputs))
      expect(tables.outputs?.split(`\n| \`${name}\` | `)).toHaveLength(2)
  })

  it('stand between their markers and leave the rest alone', () => {
    const readme = 'a\n<!-- inputs -->\nold\n<!-- /inputs -->\nb\n<!-- outputs --><!-- /outputs -->\nc\n'
    const once = withTables(readme, { inputs: 'I', outputs: 'O' })
    expect(once).toBe(
      'a\n<!-- inputs -->\n\nI\n\n<!-- /inputs -->\nb\n<!-- outputs -->\n\nO\n\n<!-- /outputs -->\nc\n',
    )
    expect(withTables(once, { inputs: 'I', outputs: 'O' })).toBe(once)
  })

  it('are missed where a marker is missing', () => {
    expect(() => withTables('nothing', { inputs: 'I' })).toThrow('<!-- inputs -->')
  })
})
