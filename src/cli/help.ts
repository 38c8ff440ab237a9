import type { InputRow } from '../inputs/given.ts'
import { isSwitch, secretVariable } from './flags.ts'

export interface HelpContent {
  readonly version: string
  readonly commands: readonly string[]
  readonly table: readonly InputRow[]
  /** Of action.yml. */
  readonly descriptions: Readonly<Record<string, string>>
  /** Columns of the terminal. */
  readonly width: number
}

/** What each exit code means. */
export const EXIT = { ok: 0, failed: 1, usage: 2, cancelled: 130 } as const

/** Help for one command, or, without one, for all. */
export function helpLines(command: string | undefined, content: HelpContent): string[] {
  const { version, commands, descriptions, width } = content
  const known = commands.find((each) => each === command)
  return [
    `Lifeboat ${version}`,
    '',
    `Usage: node index.js ${known ?? '<command>'} [--input value …]`,
    '',
    ...(known === undefined
      ? [
          ...wrapped(descriptions['command'] ?? '', { indent: '', width }),
          '',
          `Commands: ${commands.join(', ')}. What one of them takes: node index.js <command> --help`,
        ]
      : flagsOf(known, content)),
    '',
    ...wrapped(
      'A secret is never a flag: put it into the environment, or into a file and name that with --<input>-file.',
      { indent: '', width },
    ),
    '',
    `Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage (nothing was touched), ${EXIT.cancelled} cancelled.`,
  ]
}

function flagsOf(command: string, { table, descriptions, width }: HelpContent): string[] {
  return table
    .filter(({ name, commands }) => name !== 'command' && commands.some((each) => each === command))
    .flatMap((row) => [headline(row), ...wrapped(descriptions[row.name] ?? '', { indent: '      ', width })])
}

function headline(row: InputRow): string {
  if (row.secret) return `  ${secretVariable(row)}=… or --${row.name}-file <path>`
  return `  --${row.name}${isSwitch(row) ? '' : ' <value>'}`
}

function wrapped(text: string, { indent, width }: { indent: string; width: number }): string[] {
  const room = Math.max(40, Math.min(width, 110)) - indent.length
  const lines: string[] = []
  let line = ''
  for (const word of text.trim().split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(`${indent}${line}`)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, `${indent}${line}`]
}
