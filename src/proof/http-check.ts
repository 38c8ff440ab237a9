import type { DrillCheck } from '../catalog/drill.ts'
import type { HttpExpectation } from '../catalog/expectations.ts'
import type { Clock } from '../catalog/ports.ts'
import { httpProblem, shownAddress } from './http-address.ts'

/** More of an answer is not read. */
const MOST_BYTES = 2 ** 20
const MOST_REDIRECTS = 5

/** Asks one address and says whether it answers as it should. Throws only where `signal` was aborted. */
export async function checkHttp(
  expectation: HttpExpectation,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<DrillCheck> {
  const { name, url, timeoutMs } = expectation
  const what = name === shownAddress(url) ? name : `${name} (${shownAddress(url)})`
  const begun = clock.elapsed()
  const limit = AbortSignal.timeout(timeoutMs)
  const told = (problems: readonly string[], passed: string): DrillCheck => ({
    what,
    outcome: problems.length > 0 ? 'failed' : 'passed',
    summary: problems.length > 0 ? problems.join('; ') : passed,
    seconds: Math.round(clock.elapsed() - begun) / 1000,
  })
  try {
    const answer = await ask(expectation, AbortSignal.any([signal, limit]))
    if ('problem' in answer) return told([answer.problem], '')
    const ms = clock.elapsed() - begun
    return told(
      problemsOf(expectation, { ...answer, ms }),
      `answered ${answer.status} after ${Math.ceil(ms)} ms`,
    )
  } catch (error) {
    signal.throwIfAborted()
    if (limit.aborted) return told([`no complete answer within ${timeoutMs / 1000} s`], '')
    return told([`no answer: ${reasonOf(error)}`], '')
  }
}

type Answer = { readonly status: number; readonly text: string } | { readonly problem: string }

async function ask({ url, status }: HttpExpectation, signal: AbortSignal): Promise<Answer> {
  let at = new URL(url)
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await fetch(at.href, {
      redirect: 'manual',
      signal,
      headers: { 'user-agent': 'lifeboat-drill' },
    })
    const location = response.headers.get('location')
    const isRedirect = response.status >= 300 && response.status < 400 && location !== null
    if (!isRedirect || response.status === status) {
      return { status: response.status, text: await beginning(response) }
    }
    await response.body?.cancel()
    const next = URL.canParse(location, at.href) ? new URL(location, at.href) : undefined
    if (next === undefined) return { problem: 'redirects to what is no address' }
    // Whoever answers there is somebody else, and what they say proves nothing.
    if (next.host !== at.host)
      return { problem: `redirects to ${next.host}: name the address that answers in the end` }
    if (httpProblem(next.href) !== undefined) return { problem: 'redirects to an address without encryption' }
    at = next
  }
  return { problem: `redirects more than ${MOST_REDIRECTS} times` }
}

async function beginning(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    const piece = (chunk as Uint8Array).subarray(0, MOST_BYTES - bytes)
    chunks.push(piece)
    bytes += piece.length
    if (bytes >= MOST_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

function problemsOf(
  { status, contains, atMostMs }: HttpExpectation,
  answer: { readonly status: number; readonly text: string; readonly ms: number },
): string[] {
  return [
    ...(answer.status === status ? [] : [`answered ${answer.status} instead of ${status}`]),
    ...(contains === undefined || answer.text.includes(contains)
      ? []
      : ['the expected text is not in the answer']),
    ...(atMostMs === undefined || answer.ms <= atMostMs
      ? []
      : [`took ${Math.ceil(answer.ms)} ms, at most ${atMostMs} ms are expected`]),
  ]
}

/** `fetch` says only that it failed; why is its cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: string; readonly message?: string } }
  return cause?.code ?? cause?.message ?? String(error)
}
