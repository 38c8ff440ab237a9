import type { Outcome } from '../../catalog/outcome.ts'
import { noticeOf, plainLines, shortened } from './notice.ts'
import type { Message } from './send.ts'

/** healthchecks.io keeps 100 kB of it; others show the first lines. */
const LONGEST_BODY = 2_000

export const STARTED: Message = { contentType: 'text/plain; charset=utf-8', body: '' }

/** Where a start is told: `/start` behind the path, whatever query follows. */
export function startAddress(url: URL): URL {
  return behind(url, '/start')
}

/** Where an end is told: the address itself where all went well, `/fail` behind its path where not. */
export function endAddress(url: URL, { result }: Pick<Outcome, 'result'>): URL {
  return result === 'success' ? url : behind(url, '/fail')
}

export function endMessage(outcome: Outcome): Message {
  return { ...STARTED, body: shortened(plainLines(noticeOf(outcome)).join('\n'), LONGEST_BODY) }
}

function behind(url: URL, end: string): URL {
  const longer = new URL(url)
  longer.pathname = `${url.pathname.replace(/\/+$/, '')}${end}`
  return longer
}
