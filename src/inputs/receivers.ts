import { LifeboatError } from '../errors.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'

/** Who is told of a run. Each address is a secret: whoever has it can write there. */
export interface Receivers {
  readonly heartbeat?: URL
  readonly webhook?: Webhook
}

export interface Webhook {
  readonly kind: 'slack' | 'discord' | 'teams' | 'json'
  readonly url: URL
}

/**
 * Reads `heartbeat-url` and `notify-webhook`, and nothing else: also where all else is wrong, somebody is told. One that
 * is wrong is in `problems`, and absent.
 */
export function readReceivers(given: Given, problems: Problems): Receivers {
  const attempt = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = given.value(name)
    return text === undefined ? undefined : problems.attempt(name, () => parse(text))
  }
  const heartbeat = attempt('heartbeat-url', parseAddress)
  const webhook = attempt('notify-webhook', parseWebhook)
  return { ...(heartbeat && { heartbeat }), ...(webhook && { webhook }) }
}

/** https, or anything on this machine. Throws `input`, whose message holds nothing of the address. */
export function parseAddress(text: string): URL {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new LifeboatError('input', 'is not an address.', {
      hint: 'Copy it again; it begins with https://. If it comes from a secret, look whether the secret holds something else.',
    })
  }
  const url = new URL(text)
  if (url.protocol === 'http:' && !isThisMachine(url.hostname)) {
    throw new LifeboatError('input', 'is not encrypted (http), and whoever reads it can write there too.', {
      hint: 'Use https://; http:// is taken for this machine only.',
    })
  }
  url.hash = ''
  return url
}

/** Which service it is stands in the path that each of them gives out, whatever host relays to it. */
const PATHS = [
  ['slack', /^\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/\w+\/?$/],
  ['slack', /\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+\/slack\/?$/],
  ['discord', /\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+\/?$/],
  ['teams', /\/workflows\/[^/]+\/triggers\/[^/]+\/paths\/invoke\/?$/],
  ['teams', /^\/webhookb?2?\/[^/]+@[^/]+\/IncomingWebhook\//],
] as const

export function parseWebhook(text: string): Webhook {
  const url = parseAddress(text)
  if (/^hooks\.slack(-gov)?\.com$/.test(url.hostname) && !url.pathname.startsWith('/services/')) {
    throw new LifeboatError('input', 'starts a workflow of Slack, which takes no message.', {
      hint: 'Make an incoming webhook (api.slack.com/messaging/webhooks): its address has /services/ behind the host.',
    })
  }
  const kind = PATHS.find(([, path]) => path.test(url.pathname))?.[0] ?? 'json'
  return { kind, url }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
