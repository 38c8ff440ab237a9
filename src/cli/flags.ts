import { parseArgs } from 'node:util'
import { LifeboatError } from '../errors.ts'
import { inputVariable, type Environment, type InputRow } from '../inputs/given.ts'
import { didYouMean } from '../inputs/nearest.ts'

/** What was typed. */
export type Typed =
  /** Without a command: help for all. */
  | { readonly kind: 'help'; readonly command: string | undefined }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run'
      /** What stands for the inputs, as a runner would hand it over. */
      readonly env: Environment
      /** Inputs whose values stand in files: to be read, and put into the variable. */
      readonly files: readonly { readonly flag: string; readonly variable: string; readonly path: string }[]
    }

/**
 * Reads `<command> --bucket shop-backups --dry-run`: the flags are the inputs' names. Secrets are taken from the
 * environment, or from a file with `--<input>-file <path>`: arguments are visible to every user of the machine and stay
 * in the shell's history. Inputs of a surrounding runner (`INPUT_…`) play no part. Throws `input`.
 */
export function parseFlags(args: readonly string[], table: readonly InputRow[], env: Environment): Typed {
  const rows = table.filter(({ name }) => name !== 'command')
  const { tokens } = parseArgs({
    args: [...args],
    options: optionsOf(rows),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  if (args.length === 0) return { kind: 'help', command: undefined }
  const flags = tokens.flatMap((token) => (token.kind === 'option' ? [token] : []))
  const [command, ...more] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  if (flags.some(({ name }) => name === 'version')) return { kind: 'version' }
  if (flags.some(({ name }) => name === 'help' || name === 'h') || command === 'help') {
    return { kind: 'help', command: command === 'help' ? more[0] : command }
  }

  const inputs = new Map<string, string>()
  const files: { flag: string; variable: string; path: string }[] = []
  const seen = new Set<string>()
  for (const { name, rawName, value, inlineValue } of flags) {
    if (seen.has(name)) throw usage(`${rawName} is given twice.`)
    seen.add(name)
    const row = rows.find((each) => each.name === name)
    const secret = rows.find((each) => each.secret && `${each.name}-file` === name)
    if (row?.secret) throw secretTyped(row)
    if (!row && !secret) throw unknown(rawName, rows)
    const text = value ?? (row && isSwitch(row) ? 'true' : undefined)
    if (text === undefined || (inlineValue === false && text.startsWith('--'))) {
      throw usage(`${rawName} needs a value: ${rawName}=…`)
    }
    if (secret) files.push({ flag: rawName, variable: inputVariable(secret.name), path: text })
    else inputs.set(inputVariable(name), text)
  }
  // Last: what stands behind a flag that does not exist looks like a second command.
  if (command === undefined) throw usage('No command is given.')
  if (more.length > 0) throw usage(`There is one command too many: ${more.map(quoted).join(', ')}.`)
  inputs.set(inputVariable('command'), command)
  const source = inputs.get(inputVariable('source')) ?? 'postgres'
  const used = rows.filter((row) => isUsed(row, { command, source, table }))
  return { kind: 'run', env: { ...fromEnvironment(env, used), ...Object.fromEntries(inputs) }, files }
}

/** The environment variable that a secret is taken from outside a runner. */
export function secretVariable({ name, fallback }: InputRow): string {
  return fallback ?? name.toUpperCase().replaceAll('-', '_')
}

/** Given or not is all that there is to say. */
export function isSwitch(row: InputRow): boolean {
  return row.default === 'true' || row.default === 'false'
}

function isUsed(
  { commands, of }: InputRow,
  { command, source, table }: { command: string; source: string; table: readonly InputRow[] },
): boolean {
  const by = (row: Pick<InputRow, 'commands'> | undefined): boolean =>
    row?.commands.some((each) => each === command) === true
  const asksSource = by(table.find(({ name }) => name === 'source'))
  return by({ commands }) && (!asksSource || of === undefined || of.some((each) => each === source))
}

interface Option {
  readonly type: 'string' | 'boolean'
  readonly short?: string
}

function optionsOf(rows: readonly InputRow[]): Record<string, Option> {
  const options: (readonly [string, Option])[] = [
    ['help', { type: 'boolean', short: 'h' }],
    ['version', { type: 'boolean' }],
    ...rows.map((row) => [row.name, { type: isSwitch(row) ? 'boolean' : 'string' }] as const),
    ...rows.filter((row) => row.secret).map((row) => [`${row.name}-file`, { type: 'string' }] as const),
  ]
  return Object.fromEntries(options)
}

/**
 * Secrets that have no variable on a runner, because there they are always said in the step, have one here. It holds for
 * the commands that use them: who exported TARGET_DATABASE_URL for a restore may `list` in the same shell.
 */
function fromEnvironment(env: Environment, rows: readonly InputRow[]): Environment {
  const own = Object.entries(env).filter(([variable]) => !variable.startsWith('INPUT_'))
  const secrets = rows
    .filter((row) => row.secret && row.fallback === undefined)
    .map((row) => [inputVariable(row.name), env[secretVariable(row)]] as const)
  return Object.fromEntries([...own, ...secrets])
}

function secretTyped(row: InputRow): LifeboatError {
  return new LifeboatError(
    'input',
    `--${row.name} is a secret, and what is typed here every user of this machine can read, now and in the history.`,
    {
      hint: `Put it into the environment as ${secretVariable(row)}, or into a file: --${row.name}-file <path>. If it was a real one, change it.`,
    },
  )
}

function unknown(rawName: string, rows: readonly InputRow[]): LifeboatError {
  const names = rows.map(({ name }) => name)
  const near = didYouMean(rawName.replace(/^-+/, ''), names)
  return usage(`There is no flag ${rawName}.${near}`)
}

function usage(message: string): LifeboatError {
  return new LifeboatError('input', message, { hint: '--help tells what there is.' })
}

function quoted(text: string): string {
  return `"${text}"`
}
