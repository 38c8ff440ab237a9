import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { removeAtExit } from './remove-at-exit.ts'

/** How a page is shown. */
export interface Viewing {
  readonly width: number
  readonly scheme: 'light' | 'dark'
}

/** What came of showing a page. */
export interface Viewed {
  /** Errors and warnings of the console, and what the page's policy refused. */
  readonly complaints: readonly string[]
  /** Every address that was asked for but the page's own. */
  readonly requests: readonly string[]
  /** By how many pixels the page is wider than the window. */
  readonly overflow: number
  /** What `expression` gave. */
  readonly value: unknown
  /** PNG of the whole page. */
  readonly screenshot: Buffer | undefined
}

/** A real browser, without a window, spoken to through a pipe. */
export interface Chromium extends AsyncDisposable {
  /** Opens a file and looks at it; `expression` is evaluated in it. */
  view(
    path: string,
    viewing: Viewing,
    options?: { readonly expression?: string; readonly screenshot?: boolean },
  ): Promise<Viewed>
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  // What a page asks of the network fails at once, whatever resolver the machine has.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--remote-debugging-pipe',
]

interface Message {
  readonly id?: number
  readonly method?: string
  readonly sessionId?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

/** Debian: `apt-get install chromium`. */
export async function startChromium(): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'lifeboat-chromium-'))
  const child = spawn('chromium', [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const keep = removeAtExit(profile, () => child.kill('SIGKILL'))
  const pipe = devtools(child)
  return {
    async view(path, viewing, options = {}) {
      const { targetId } = await pipe.send('Target.createTarget', { url: 'about:blank' })
      const { sessionId } = await pipe.send('Target.attachToTarget', { targetId, flatten: true })
      try {
        return await look(pipe, sessionId as string, { path, viewing, ...options })
      } finally {
        await pipe.send('Target.closeTarget', { targetId })
      }
    },
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
      keep()
    },
  }
}

async function look(
  pipe: Pipe,
  sessionId: string,
  wanted: {
    readonly path: string
    readonly viewing: Viewing
    readonly expression?: string
    readonly screenshot?: boolean
  },
): Promise<Viewed> {
  const { path, viewing, expression = 'undefined', screenshot = false } = wanted
  const url = `file://${encodeURI(path)}`
  const complaints: string[] = []
  const requests: string[] = []
  const loaded = new Set<unknown>()
  let hasLoaded = (): void => undefined
  pipe.listen(sessionId, ({ method, params = {} }) => {
    if (method === 'Page.lifecycleEvent' && params['name'] === 'load') {
      loaded.add(params['loaderId'])
      hasLoaded()
    }
    if (
      method === 'Log.entryAdded' ||
      method === 'Runtime.exceptionThrown' ||
      method === 'Runtime.consoleAPICalled'
    )
      complaints.push(JSON.stringify(params))
    if (method === 'Network.requestWillBeSent') {
      const asked = (params['request'] as { url: string }).url
      if (asked !== url && !asked.startsWith('data:')) requests.push(asked)
    }
  })
  const send = (method: string, params: object = {}): ReturnType<Pipe['send']> =>
    pipe.send(method, params, sessionId)
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`)
  const { width, scheme } = viewing
  const size = { width, height: 800, deviceScaleFactor: 1, mobile: width < 600 }
  await send('Emulation.setDeviceMetricsOverride', size)
  await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
  await send('Page.setLifecycleEventsEnabled', { enabled: true })
  const { loaderId } = await send('Page.navigate', { url })
  // The empty page that was there before tells of its end, too.
  while (!loaded.has(loaderId)) await new Promise<void>((resolve) => (hasLoaded = resolve))
  const evaluate = async (text: string): Promise<unknown> => {
    const { result } = await send('Runtime.evaluate', { expression: text, returnByValue: true })
    return (result as { value?: unknown }).value
  }
  const overflow = (await evaluate('document.documentElement.scrollWidth - innerWidth')) as number
  const shot = screenshot
    ? await send('Page.captureScreenshot', { captureBeyondViewport: true, format: 'png' })
    : undefined
  return {
    complaints,
    requests,
    overflow,
    value: await evaluate(expression),
    screenshot: shot && Buffer.from(shot['data'] as string, 'base64'),
  }
}

interface Pipe {
  send(method: string, params?: object, sessionId?: string): Promise<Readonly<Record<string, unknown>>>
  listen(sessionId: string, hear: (message: Message) => void): void
}

/** The protocol's messages: JSON, each ended by a zero byte. */
function devtools(child: ChildProcess): Pipe {
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable]
  const waiting = new Map<number, (message: Message) => void>()
  const listeners = new Map<string, (message: Message) => void>()
  let rest = ''
  let id = 0
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\0')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const message = JSON.parse(part) as Message
      if (message.id !== undefined) waiting.get(message.id)?.(message)
      else listeners.get(message.sessionId ?? '')?.(message)
    }
  })
  child.once('exit', () => {
    for (const answer of waiting.values()) answer({ error: { message: 'the browser has ended' } })
  })
  child.once('error', (error) => {
    for (const answer of waiting.values()) answer({ error })
  })
  return {
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        id += 1
        const mine = id
        waiting.set(mine, ({ result = {}, error }) => {
          waiting.delete(mine)
          if (error) reject(new Error(`${method}: ${error.message}`))
          else resolve(result)
        })
        input.write(
          `${JSON.stringify({ id: mine, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`,
        )
      }),
    listen: (sessionId, hear) => void listeners.set(sessionId, hear),
  }
}
