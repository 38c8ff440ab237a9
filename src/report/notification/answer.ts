/** Beyond it a receiver that asks to be left alone is left alone for good. */
const LONGEST_WAIT_MS = 15_000
const LONGEST_REASON = 200

export interface Refusal {
  /** What happened, to be read behind "it". */
  readonly what: string
  readonly hint?: string
  /** Whether another attempt may do better. */
  readonly again: boolean
  /** How long the receiver wants to be left alone. */
  readonly notBeforeMs?: number
}

/** What a receiver's answer means: taken, refused, or to be sent to another path of the same host. */
export async function answerOf(
  response: Response,
  { url, now }: { readonly url: URL; readonly now: Date },
): Promise<'taken' | Refusal | { readonly to: URL }> {
  const { status, headers } = response
  if (response.ok) {
    await response.body?.cancel()
    return 'taken'
  }
  if (status >= 300 && status < 400) {
    await response.body?.cancel()
    const to = redirected(headers.get('location'), url)
    if (to) return { to }
    return {
      what: `answers with a redirect (${status}) to another place, which is not followed`,
      hint: 'Give the address that it leads to, if you trust it.',
      again: false,
    }
  }
  const reason = await reasonIn(response)
  const what = `answers ${status}${reason === '' ? '' : `: ${reason}`}`
  if (status === 429 || status === 503) {
    const notBeforeMs = retryAfter(headers.get('retry-after'), now)
    const again = notBeforeMs === undefined || notBeforeMs <= LONGEST_WAIT_MS
    return { what, again, ...(notBeforeMs !== undefined && { notBeforeMs }) }
  }
  if (status >= 500 || status === 408) return { what, again: true }
  return { what, hint: 'Look whether the address is still the right one, and copy it again.', again: false }
}

/** Where to, if that is the same host and as well protected: a secret address is told to nobody else. */
function redirected(location: string | null, from: URL): URL | undefined {
  if (location === null || !URL.canParse(location, from.href)) return undefined
  const to = new URL(location, from)
  const isSame = to.host === from.host && to.protocol === from.protocol
  const isBetter = to.hostname === from.hostname && from.protocol === 'http:' && to.protocol === 'https:'
  if (!isSame && !isBetter) return undefined
  to.username = from.username
  to.password = from.password
  return to
}

/** A short answer often says what is wrong. A long one is left out: cut, it could end in half a secret. */
async function reasonIn(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      if (text.length > LONGEST_REASON) return ''
    }
  } catch {
    // The status has said the essential; an answer that breaks off adds nothing.
    return ''
  }
  return text.replace(/\s+/g, ' ').trim()
}

/** Milliseconds from `Retry-After`: seconds (Discord: with decimals), or a date. */
function retryAfter(text: string | null, now: Date): number | undefined {
  if (text === null) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime())
}
