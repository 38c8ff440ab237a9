import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'

const SOURCES = resolve(import.meta.dirname, '../../src')

/**
 * Waits of a few seconds at most, or of a moment after which the signal is asked: goodbyes to a server and ends of
 * processes, which a cancel begins and must not end. Everything else is ended by a signal.
 */
const SHORT = new Set([
  'pipeline/process.ts',
  'pipeline/flow-run.ts',
  'postgres/cancel-request.ts',
  'postgres/fence-end.ts',
  'postgres/pooler.ts',
  'postgres/scratch-server.ts',
  'postgres/session.ts',
])
/** The one place where processes are started: `stop` and the signal of a flow end them. */
const STARTS_PROCESSES = new Set(['pipeline/process.ts'])

/** What in a source file waits and cannot be told to stop. */
function deafWaits(path: string, source: string): string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true)
  const sleeps = /import \{ setTimeout as (\w+) \} from 'node:timers\/promises'/.exec(source)?.[1]
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const name = node.expression.text
      const words = node.arguments.map((each) => each.getText())
      const say = (what: string): void => {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart())
        found.push(`${path}:${line + 1}: ${what}`)
      }
      if (name === 'fetch' && !/\bsignal\b/.test(words[1] ?? '')) say('fetch without a signal')
      if (name === 'openStore' && !/\bsignal\b/.test(words[1] ?? '')) say('a store without a signal')
      if (name === sleeps && !/\bsignal\b/.test(words[2] ?? '') && !SHORT.has(path))
        say('a sleep without a signal')
      if (['spawn', 'execFile', 'exec', 'fork'].includes(name) && !STARTS_PROCESSES.has(path))
        say('a process that is started elsewhere than in the pipeline')
      if (name === 'setTimeout' && isWaitedFor(node) && !SHORT.has(path)) say('a timer that is waited for')
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** Within `new Promise(…)` that mentions no signal. */
function isWaitedFor(node: ts.Node): boolean {
  const within = ts.findAncestor(
    node,
    (at) => ts.isNewExpression(at) && at.expression.getText() === 'Promise',
  )
  return within !== undefined && !/signal|abort/i.test(within.getText())
}

describe('What waits', () => {
  it('can be told to stop, everywhere', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((each) =>
      each.endsWith('.ts'),
    )
    expect(files.length).toBeGreaterThan(300)
    expect(files.flatMap((path) => deafWaits(path, readFileSync(join(SOURCES, path), 'utf8')))).toEqual([])
  })

  it.each([
    ["await fetch(url, { method: 'POST' })", 'fetch'],
    ['await fetch(url)', 'fetch'],
    ['await openStore(place, { journal })', 'store'],
    ["import { setTimeout as sleep } from 'node:timers/promises'\nawait sleep(1000)", 'sleep'],
    ['await new Promise((resolve) => setTimeout(resolve, 60_000))', 'timer'],
    ["spawn('ls', [])", 'process'],
  ])('is found where it cannot: %s', (source, what) => {
    expect(deafWaits('some.ts', source)).toEqual([expect.stringContaining(what)])
  })

  it.each([
    'await fetch(url, { signal: AbortSignal.any([signal, limit]) })',
    'await openStore(place, { journal, signal })',
    "import { setTimeout as sleep } from 'node:timers/promises'\nawait sleep(1000, undefined, { signal })",
    "new Promise((r) => { setTimeout(r, 9); signal.addEventListener('abort', r) })",
    'const timer = setTimeout(() => stop(), 5)',
  ])('is not found where it can: %s', (source) => {
    expect(deafWaits('some.ts', source)).toEqual([])
  })
})
