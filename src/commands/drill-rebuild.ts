import type { DrillCheck } from '../catalog/drill.ts'
import type { Recovered } from './drill.ts'
import type { ReindexOutcome } from './reindex.ts'

/** What a rebuilt search says of a recovery: `reindex` ends only where every document that was sent is there. */
export function rebuiltLeg(
  { indexes, snapshotTime, tookMs, seconds }: ReindexOutcome,
  { targetSeconds }: { readonly targetSeconds: number },
): Recovered {
  const recoverySeconds = Math.round(tookMs) / 1000
  const documents = indexes.reduce((sum, { sent }) => sum + sent, 0)
  const time = judgeTime(recoverySeconds, targetSeconds)
  return {
    recoverySeconds,
    facts: [
      ['Database as it was at', snapshotTime.toISOString()],
      ['Indexes', String(indexes.length)],
      ['Documents', String(documents)],
    ],
    checks: [
      ...indexes.map(({ uid, sent, indexed, seconds: took }): DrillCheck => ({
        what: `index ${uid}`,
        outcome: 'passed',
        summary: `${sent} documents were sent, and the server has ${indexed}.`,
        seconds: took,
      })),
      {
        what: 'swap',
        outcome: 'passed',
        summary: 'All new indexes were put in place in one step.',
        seconds: seconds['swap'] ?? 0,
      },
      time,
    ],
    problems: time.outcome === 'failed' ? [`time: ${time.summary}`] : [],
  }
}

function judgeTime(seconds: number, targetSeconds: number): DrillCheck {
  const took = `Rebuilt in ${seconds.toFixed(1)} s`
  const passed = seconds <= targetSeconds
  return {
    what: 'time',
    outcome: passed ? 'passed' : 'failed',
    summary: `${took}${passed ? ', within' : ': longer than'} the target of ${targetSeconds} s.`,
    seconds: 0,
  }
}
