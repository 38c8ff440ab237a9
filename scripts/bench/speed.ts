import type { Compression } from '../../src/pipeline/compression.ts'
import { runAction, runPipeline, type ActionRun, type Run } from './contenders.ts'
import { timeStages, type StageAlone } from './stages-alone.ts'
import type { StoreSupply } from './stores.ts'

export interface Round {
  readonly pipeline: Run
  readonly action: ActionRun
  /** With the fingerprint, which the pipeline knows nothing of. */
  readonly digest?: ActionRun
}

export interface Speed {
  readonly compression: Compression
  /** The action's wall time as a multiple of the pipeline's that is still good. */
  readonly target: number
  readonly rounds: readonly Round[]
  readonly stages: readonly StageAlone[]
}

export interface SpeedOptions {
  readonly rounds: number
  readonly dumpBytes: number
  readonly tell: (line: string) => void
}

const TARGETS = { xz: 1.05, zstd: 1.15, none: 1.15 } as const

/** What was seen of a shop: at least three times smaller, with any compressor. */
const LEAST_RATIO = 3

/** The same backup by the action and by the shell pipeline, side by side, as often as there are rounds. */
export async function compareSpeed(
  stores: StoreSupply,
  compression: Compression,
  { rounds: count, dumpBytes, tell }: SpeedOptions,
): Promise<Speed> {
  const { format, text } = compression
  const most = format === 'none' ? dumpBytes * 1.01 : dumpBytes / LEAST_RATIO
  const rounds: Round[] = []
  for (let number = 0; number < count; number += 1) {
    const runShell = async (): Promise<Run> => runPipeline(await stores.placeFor(most), compression)
    const runBundle = async (fingerprint: 'digest' | 'none'): Promise<ActionRun> =>
      runAction(await stores.placeFor(most), compression, fingerprint)
    // Who goes first takes turns: the machine gets warmer, the store fuller.
    const early = number % 2 === 0 ? await runShell() : undefined
    const action = await runBundle('none')
    const pipeline = early ?? (await runShell())
    // With xz it takes long, and says little: the compressor is what everything waits for.
    const digest = format === 'xz' && number > 0 ? undefined : await runBundle('digest')
    rounds.push({ pipeline, action, ...(digest && { digest }) })
    tell(
      `${text}, round ${number + 1}: pipeline ${pipeline.seconds.toFixed(1)} s, action ${action.seconds.toFixed(1)} s` +
        (digest ? `, with fingerprint ${digest.seconds.toFixed(1)} s` : ''),
    )
  }
  const [first] = rounds
  if (!first) throw new RangeError('there was no round')
  const stages = await timeStages(await stores.placeFor(2 * most), compression, first.pipeline.stored)
  return { compression, target: TARGETS[format], rounds, stages }
}
