import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { Compression } from '../../src/pipeline/compression.ts'
import { compressorLine, UPLOAD_KEY, UPLOAD_LINE } from './contenders.ts'
import { shellEnvironment, takeAway, type Place } from './place.ts'
import { timedShell } from './shell.ts'

/** One stage and how long it takes with nothing before or after it to wait for. */
export interface StageAlone {
  readonly stage: string
  readonly seconds: number
  /** Which side has it: that one cannot be faster. */
  readonly of: Side | 'both'
}

export type Side = 'pipeline' | 'action'

const NODE_PART_KEY = 'by-node/random'

/**
 * The stages of a backup whose stored object has `stored` bytes. What comes after the compressor sees noise, so that
 * a file of random bytes of this size stands in for its output.
 */
export async function timeStages(
  place: Place,
  compression: Compression,
  stored: number,
): Promise<StageAlone[]> {
  const file = join(place.home, 'random')
  const environment = { ...shellEnvironment(place), FILE: file }
  const time = async (line: string, more: Readonly<Record<string, string>> = {}): Promise<number> =>
    (await timedShell(line, { ...environment, ...more })).seconds
  try {
    await time(`head -c ${stored} /dev/urandom > "$FILE"`)
    const dump = 'pg_dump -Fc -Z0'
    const stages: StageAlone[] = [
      { stage: code(dump), seconds: await time(`${dump} > /dev/null`), of: 'both' },
    ]
    if (compression.format !== 'none') {
      const line = `${dump}${compressorLine(compression)}`
      stages.push({ stage: code(line), seconds: await time(`${line} > /dev/null`), of: 'both' })
    }
    const age = 'age -r "$RECIPIENT" < "$FILE" > /dev/null'
    stages.push({ stage: code('age'), seconds: await time(age), of: 'pipeline' })
    stages.push({ stage: code('aws s3 cp'), seconds: await time(`${UPLOAD_LINE} < "$FILE"`), of: 'pipeline' })
    await takeAway(place, UPLOAD_KEY)
    const script = fileURLToPath(new URL('node-part.ts', import.meta.url))
    const node = { NODE: process.execPath, SCRIPT: script, KEY: NODE_PART_KEY }
    const nodePart = await time('"$NODE" "$SCRIPT"', node)
    stages.push({ stage: 'age, SHA-256 and upload in node', seconds: nodePart, of: 'action' })
    await takeAway(place, NODE_PART_KEY)
    return stages
  } finally {
    await rm(file, { force: true })
  }
}

/** Seconds of the slowest stage of one side: what it cannot be faster than. */
export function slowestOf(side: Side, stages: readonly StageAlone[]): number {
  return Math.max(...stages.filter(({ of }) => of === side || of === 'both').map(({ seconds }) => seconds))
}

function code(line: string): string {
  return `\`${line.replaceAll('|', '\\|')}\``
}
