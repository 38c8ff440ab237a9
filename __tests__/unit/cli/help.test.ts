import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { DESCRIPTIONS_FILE, descriptionsModule } from '../../../scripts/input-descriptions.ts'
import type { ActionMetadata } from '../../../scripts/readme-tables.ts'
import { DESCRIPTIONS } from '../../../src/cli/descriptions.ts'
import { helpLines } from '../../../src/cli/help.ts'
import { COMMANDS } from '../../../src/inputs.ts'
import { INPUTS } from '../../../src/inputs/table.ts'

const root = new URL('../../../', import.meta.url)
const content = {
  version: '1.2.3',
  commands: COMMANDS,
  table: INPUTS,
  descriptions: DESCRIPTIONS,
  width: 80,
}

describe('--help', () => {
  it('says what action.yml says', () => {
    const metadata = parse(readFileSync(new URL('action.yml', root), 'utf8')) as ActionMetadata
    expect(readFileSync(new URL(DESCRIPTIONS_FILE, root), 'utf8')).toBe(descriptionsModule(metadata))
    for (const [name, { description }] of Object.entries(metadata.inputs))
      expect(DESCRIPTIONS[name]).toBe(description.trim().replace(/\s+/g, ' '))
  })

  it.each(COMMANDS)('of %s has every input that it uses, and no other', (command) => {
    const lines = helpLines(command, content)
    for (const { name, commands, secret } of INPUTS) {
      const shown = lines.some((line) =>
        new RegExp(`^  \\S.*--${name}${secret ? '-file' : ''}( |$)`).test(line),
      )
      const plain = lines.some((line) => new RegExp(`^  --${name}${secret ? '-file' : ''}( |$)`).test(line))
      expect([name, shown || plain]).toEqual([
        name,
        name !== 'command' && commands.some((each) => each === command),
      ])
    }
  })

  it('names the commands, the exit codes and where secrets go', () => {
    const text = helpLines(undefined, content).join('\n')
    for (const command of COMMANDS) expect(text).toContain(command)
    expect(text).toMatch(/0 done, 1 failed, 2 wrong usage .*130 cancelled/)
    expect(text).toMatch(/A secret is never a flag/)
  })

  it('fits the terminal', () => {
    const longest = Math.max(...helpLines('backup', content).map((line) => line.length))
    expect(longest).toBeLessThanOrEqual(110)
  })
})
