import type { AfterRun } from './after-run.ts'
import type { Log } from './catalog/ports.ts'
import { readTold } from './inputs.ts'
import type { Environment } from './inputs/given.ts'
import { failureSentence } from './report/failure.ts'
import { endAddress, endMessage, startAddress, STARTED } from './report/notification/heartbeat.ts'
import { send } from './report/notification/send.ts'
import { isTold, webhookMessage, type Medium } from './report/notification/webhook.ts'

/** The longest that anybody is tried to be told, in milliseconds: a receiver that hangs must not hold the job. */
const LONGEST_MS = 20_000
/** The start is news only for a moment. */
const START_MS = 5_000

/** Tells the heartbeat's receiver of the end. */
export const heartbeat: AfterRun = {
  what: 'The notification of heartbeat-url',
  async run({ outcome, env, signal }) {
    const { heartbeat: url } = readTold(env)
    if (url) await send(endAddress(url, outcome), endMessage(outcome), { signal: soon(signal) })
  },
}

const NAMES: Readonly<Record<Medium, string>> = {
  slack: 'Slack',
  discord: 'Discord',
  teams: 'Teams',
  json: 'JSON',
}

/** Tells people or a program of the end, where it is one that they want to know of. */
export const webhook: AfterRun = {
  what: 'The notification of notify-webhook',
  async run({ outcome, env, reporter, signal }) {
    const { webhook: receiver } = readTold(env)
    if (!receiver || !isTold(receiver.kind, outcome)) return
    await send(receiver.url, webhookMessage(receiver.kind, outcome), { signal: soon(signal) })
    reporter.log.info(`notify-webhook was told (${NAMES[receiver.kind]}).`)
  },
}

/**
 * Tells the heartbeat's receiver of the start, while the run goes on. Never throws: some receivers know no start, and the
 * end says whether the address is right.
 */
export async function tellStart(
  env: Environment,
  { log, signal }: { readonly log: Pick<Log, 'info'>; readonly signal: AbortSignal },
): Promise<void> {
  const { heartbeat: url } = readTold(env)
  if (!url) return
  try {
    await send(startAddress(url), STARTED, { signal: soon(signal, START_MS), pausesMs: [500] })
  } catch (error) {
    log.info(`heartbeat-url was not told of the start: ${failureSentence(error)}`)
  }
}

function soon(signal: AbortSignal, milliseconds = LONGEST_MS): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])
}
