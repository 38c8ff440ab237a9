import type { Command, Source } from './request.ts'
import { didYouMean } from './nearest.ts'
import type { EmptyVariable, Problems } from './problems.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** One row of the table in `inputs.ts`. */
export interface InputRow {
  readonly name: string
  readonly group: string
  /** Which commands use it; given to another, it is an error. */
  readonly commands: readonly Command[]
  /** Which sources use it; absent: all. */
  readonly of?: readonly Source[]
  /** Which environment variable stands in for it. */
  readonly fallback?: string
  /** What holds where neither is given; as somebody would write it. */
  readonly default?: string
  /** What is different about it for sources other than postgres. */
  readonly sources?: Readonly<Partial<Record<Source, SourceRow>>>
  /** Whether its value must never be seen. */
  readonly secret?: boolean
}

/** An input's fallback and default for one source. */
export interface SourceRow {
  readonly fallback: string
  readonly default: string
}

/** The rows as they are for one source. */
export function rowsFor(source: Source, table: readonly InputRow[]): readonly InputRow[] {
  return table.map((row) => ({ ...row, ...row.sources?.[source] }))
}

/** Where a value came from. */
export type Origin = 'input' | 'environment' | 'default'

export interface Given {
  /** The value, without white space around it; undefined when it is given nowhere and has no default. */
  value(name: string): string | undefined
  origin(name: string): Origin | undefined
  /** What holds where nothing is given. */
  standard(name: string): string | undefined
  /** `r2-account-id (from R2_ACCOUNT_ID)`: what to look at when the value is wrong. */
  label(name: string): string
  /** A variable of the environment that stands behind no input; undefined where it is empty. */
  variable(name: string): string | undefined
  /** Every input that is given, by name. */
  readonly names: readonly string[]
  /** Variables that stand in for an input and arrive empty, where no input is given in their place. */
  readonly empty: readonly EmptyVariable[]
}

/** `database-url` arrives as `INPUT_DATABASE-URL`: upper case, spaces become `_`, dashes stay. */
export function inputVariable(name: string): string {
  return `INPUT_${name.replace(/ /g, '_').toUpperCase()}`
}

/** What is given, by input, else by environment, else by default. An empty value is an absent one. */
export function readGiven(env: Environment, table: readonly InputRow[]): Given {
  const rows = new Map(table.map((row) => [row.name, row]))
  const find = (name: string): { value: string; origin: Origin } | undefined => {
    const row = rows.get(name)
    if (!row) throw new TypeError(`no such input: ${name}`)
    const input = env[inputVariable(name)]?.trim()
    if (input) return { value: input, origin: 'input' }
    const fallback = row.fallback === undefined ? undefined : env[row.fallback]?.trim()
    if (fallback) return { value: fallback, origin: 'environment' }
    return row.default === undefined ? undefined : { value: row.default, origin: 'default' }
  }
  return {
    value: (name) => find(name)?.value,
    origin: (name) => find(name)?.origin,
    standard: (name) => rows.get(name)?.default,
    label: (name) =>
      find(name)?.origin === 'environment' ? `${name} (from ${rows.get(name)?.fallback ?? ''})` : name,
    variable: (name) => env[name]?.trim() || undefined,
    names: table.flatMap(({ name }) =>
      ['input', 'environment'].includes(find(name)?.origin ?? '') ? [name] : [],
    ),
    empty: table.flatMap(({ name, fallback, secret = false }) =>
      fallback !== undefined && env[fallback]?.trim() === '' && find(name)?.origin !== 'input'
        ? [{ variable: fallback, input: name, secret }]
        : [],
    ),
  }
}

/**
 * Adds a problem for every input that does not exist, given or empty (the runner only warns of a typo), and for
 * every one that is given though `command` or `source` does not use it.
 */
export function checkNames(
  env: Environment,
  table: readonly InputRow[],
  { command, source }: { readonly command: string | undefined; readonly source?: Source },
  problems: Problems,
): void {
  const known = new Map(table.map((row) => [inputVariable(row.name), row]))
  // Some commands work on what they work on, whatever source says elsewhere.
  const usesSource = table.find(({ name }) => name === 'source')?.commands.some((each) => each === command)
  for (const variable of Object.keys(env)
    .filter((key) => key.startsWith('INPUT_'))
    .sort()) {
    const row = known.get(variable)
    if (row === undefined) {
      const name = variable.slice('INPUT_'.length).toLowerCase()
      const names = table.map((each) => each.name)
      problems.add(name, `there is no such input.${didYouMean(name, names) || ' Remove it.'}`)
    } else if (
      command !== undefined &&
      env[variable]?.trim() &&
      !row.commands.some((each) => each === command)
    ) {
      problems.add(row.name, `command ${command} does not use it. Remove it from the step.`)
    } else if (
      usesSource &&
      source !== undefined &&
      row.of?.includes(source) === false &&
      env[variable]?.trim()
    ) {
      problems.add(row.name, `source ${source} does not use it. Remove it from the step.`)
    }
  }
}
