import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { Compression } from '../../src/pipeline/compression.ts'
import { compressorLine, UPLOAD_LINE, UPLOAD_KEY } from './contenders.ts'
import { shellEnvironment, takeAway, type Place } from './place.ts'
import { timedShell } from './shell.ts'

/** One stage and how long it takes with nothing before or after it to wait for. */
export interface StageAlone {
  readonly stage: string
  readonly seconds: number
  /** Whether the action and the shell pipeline both have it, so that neither can be faster. */
  readonly shared: boolean
}

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
    const stages = [{ stage: dump, seconds: await time(`${dump} > /dev/null`), shared: true }]
    if (compression.format !== 'none') {
      const line = `${dump}${compressorLine(compression)}`
      stages.push({ stage: line, seconds: await time(`${line} > /dev/null`), shared: true })
    }
    stages.push({
      stage: 'age',
      seconds: await time('age -r "$RECIPIENT" < "$FILE" > /dev/null'),
      shared: false,
    })
    stages.push({ stage: 'aws s3 cp', seconds: await time(`${UPLOAD_LINE} < "$FILE"`), shared: false })
    await takeAway(place, UPLOAD_KEY)
    const nodePart = fileURLToPath(new URL('node-part.ts', import.meta.url))
    stages.push({
      stage: "the action's age, SHA-256 and upload",
      seconds: await time('"$NODE" "$SCRIPT"', {
        NODE: process.execPath,
        SCRIPT: nodePart,
        KEY: NODE_PART_KEY,
      }),
      shared: false,
    })
    await takeAway(place, NODE_PART_KEY)
    return stages
  } finally {
    await rm(file, { force: true })
  }
}

/** The slowest stage that both sides have: what neither can be faster than. */
export function slowestShared(stages: readonly StageAlone[]): StageAlone {
  const [slowest] = stages.filter(({ shared }) => shared).sort((a, b) => b.seconds - a.seconds)
  if (!slowest) throw new RangeError('there is no stage')
  return slowest
}
