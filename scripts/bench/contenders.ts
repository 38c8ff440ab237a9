import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { startAction } from '../../__tests__/support/action-runner.ts'
import type { Compression } from '../../src/pipeline/compression.ts'
import { shellEnvironment, takeAway, type Place } from './place.ts'
import { childrenProcessorTime } from './processor-time.ts'
import { timedShell } from './shell.ts'
import { DATABASE } from './shop.ts'
import { watchStep, type StepPeaks } from './step-watch.ts'

export interface Run {
  /** Wall time. */
  readonly seconds: number
  /** Processor seconds, those of the database server and of the store not counted. */
  readonly processor: number
  /** Bytes of the dump as it is stored. */
  readonly stored: number
}

export interface ActionRun extends Run {
  /** Bytes of the dump before compression. */
  readonly plain: number
  readonly peaks: StepPeaks
}

export const UPLOAD_KEY = 'by-shell/shop.dump'
export const UPLOAD_LINE = `aws s3 cp --only-show-errors --endpoint-url "$ENDPOINT" - "s3://$BUCKET/${UPLOAD_KEY}"`

/** The compressor as the action starts it; nothing where there is none. */
export function compressorLine({ format, level }: Compression): string {
  if (format === 'none') return ''
  return ` | ${format} -T0 -${level} -c -q`
}

/** What the action is measured against. */
export function pipelineLine(compression: Compression): string {
  return `pg_dump -Fc -Z0${compressorLine(compression)} | age -r "$RECIPIENT" | ${UPLOAD_LINE}`
}

export async function runPipeline(place: Place, compression: Compression): Promise<Run> {
  const { seconds, processor } = await timedShell(pipelineLine(compression), shellEnvironment(place))
  return { seconds, processor, stored: await takeAway(place, UPLOAD_KEY) }
}

/**
 * The bundle as a runner starts it, from its start to its end. Its log is in the error when it fails. `more` are
 * inputs beside those that every measurement has.
 */
export async function runAction(
  place: Place,
  compression: Compression,
  fingerprint: 'digest' | 'none',
  more: Readonly<Record<string, string>> = {},
): Promise<ActionRun> {
  const { database, store, recipient, bundle } = place
  const temporary = await mkdtemp(join(place.home, 'tmp-'))
  const begun = performance.now()
  const before = childrenProcessorTime()
  await using action = await startAction({
    inputs: {
      command: 'backup',
      'database-url': database.url(DATABASE),
      'pg-bin-dir': database.binDir,
      bucket: store.bucket,
      endpoint: store.endpoint,
      region: store.region,
      'access-key-id': store.accessKeyId,
      'secret-access-key': store.secretAccessKey,
      'age-recipients': recipient,
      compression: compression.text,
      fingerprint,
      ...more,
    },
    env: { TMPDIR: temporary },
    ...(bundle !== undefined && { entry: bundle }),
  })
  // RUNNER_TEMP, the workspace and HOME lie side by side.
  const peaks = watchStep(action.pid, [dirname(action.tempDir), temporary])
  const result = await action.finished()
  const seconds = (performance.now() - begun) / 1000
  const processor = childrenProcessorTime() - before
  const seen = await peaks()
  await rm(temporary, { recursive: true })
  if (result.exitCode !== 0) throw new Error(`The backup failed:\n${result.log.slice(-4_000)}`)
  const stored = await takeAway(place, result.outputs['key'] ?? '')
  return { seconds, processor, stored, plain: Number(result.outputs['raw-bytes']), peaks: seen }
}
