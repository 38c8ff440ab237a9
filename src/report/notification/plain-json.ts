import type { Outcome } from '../../catalog/outcome.ts'
import { noticeOf } from './notice.ts'
import type { Message } from './send.ts'

/** An output beyond it, such as the list of all backups, is left out: a notification is no report. */
const LONGEST_FIGURE = 1_000

/** The outcome itself, for programs; `docs/notifications.md` describes it. */
export function jsonMessage(outcome: Outcome): Message {
  const { command, source, result, started, seconds, failure, warnings, figures, run } = outcome
  const { title, link } = noticeOf(outcome)
  const body = {
    version: 1,
    title,
    command,
    source,
    result,
    started: started.toISOString(),
    seconds,
    ...(failure && { failure }),
    warnings,
    outputs: Object.fromEntries(
      Object.entries(figures).filter(([, value]) => value.length <= LONGEST_FIGURE),
    ),
    run,
    ...(link !== undefined && { link }),
  }
  return { contentType: 'application/json', body: JSON.stringify(body) }
}
