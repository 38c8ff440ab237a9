import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { keyString } from '../../support/meilisearch/keys.ts'
import { startMeilisearchServer, type MeilisearchServer } from '../../support/meilisearch-server.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/meilisearch')
const MASTER = 'master-key-0123456789abcdef'

interface Recorded {
  readonly note?: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly key: string | null
    readonly headers?: Record<string, string>
    readonly body?: unknown
  }
  readonly response: { readonly status: number; readonly body?: unknown; readonly bodyText?: string }
}

const recordings = readFileSync(join(FIXTURES, 'protocol.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Recorded)

/** Of the real dump: the file at `name` in it. */
function fileOfDump(name: string): string {
  const tar = gunzipSync(readFileSync(join(FIXTURES, 'server.dump')))
  for (let at = 0; at < tar.length;) {
    const [entry, size] = [text(tar, at, 100), Number.parseInt(text(tar, at + 124, 12), 8) || 0]
    if (entry === name) return tar.toString('utf8', at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  throw new Error(`no ${name}`)
}

function text(tar: Buffer, at: number, length: number): string {
  return tar
    .toString('utf8', at, at + length)
    .replace(/\0.*$/s, '')
    .trim()
}

/** What differs from run to run, or is the storage's own: shape stays, value goes. */
const VOLATILE =
  /^(.*At|duration|key|uid|requestUid|processingTimeMs|dumpUid|lastUpdate|databaseSize|usedDatabaseSize|rawDocumentDbSize|avgDocumentSize|progressTrace|internalDatabaseSizes|batchStrategy)$/

function comparable(value: unknown, key = ''): unknown {
  // Uids of keys are random, those of indexes and tasks are not.
  const random = key === 'uid' ? /^[0-9a-f]{8}-/.test(String(value)) : VOLATILE.test(key)
  if (random && value !== null) return `<${typeof value}>`
  if (Array.isArray(value)) return value.map((each) => comparable(each))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => name !== 'internalDatabaseSizes')
        .map(([name, each]) => [name, comparable(each, name)]),
    )
  }
  return value
}

describe('the stand-in for Meilisearch', () => {
  let server: MeilisearchServer
  /** Recorded keys to those of this server. */
  const keys = new Map<string, string>()
  beforeAll(async () => {
    server = await startMeilisearchServer({ masterKey: MASTER, payloadLimit: 1_000_000 })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  async function ask({ request, note }: Recorded): Promise<{ status: number; text: string }> {
    const { method, path, key } = request
    const authorization = key === 'master' ? MASTER : key === null ? undefined : (keys.get(key) ?? key)
    const options = {
      method,
      headers: {
        ...(authorization === undefined ? {} : { authorization: `Bearer ${authorization}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: bodyOf(request.body) }),
    }
    for (;;) {
      const response = await fetch(`${server.url}${path}`, options)
      const answer = { status: response.status, text: await response.text() }
      const waits = note?.startsWith('task of:') === true || note === 'when done'
      if (!waits || /"status":"(succeeded|failed)"/.test(answer.text)) return answer
    }
  }

  function bodyOf(body: unknown): string {
    if (typeof body !== 'string') return JSON.stringify(body)
    const [, bytes] = /^<(\d+) bytes>$/.exec(body) ?? []
    if (bytes === undefined) return body
    // The recording left the large ones out: documents that the dump has, and something beyond the limit.
    const documents = fileOfDump('indexes/products/documents.jsonl').trim().split('\n')
    return Number(bytes) > 1_000_000 ? `[${'"x",'.repeat(400_000)}"x"]` : `[${documents.join(',')}]`
  }

  it.each(recordings.map((recorded, index) => [index + 1, lineOf(recorded), recorded] as const))(
    'answers as the real server did: %i %s',
    async (_number, _line, recorded) => {
      const { response, note, request } = recorded
      const { status, text: got } = await ask(recorded)
      expect(status).toBe(response.status)
      if (response.bodyText !== undefined) {
        expect(got).toBe(response.bodyText)
        return
      }
      if (typeof response.body === 'string') {
        expect(got).toBe(response.body)
        return
      }
      const body: unknown = JSON.parse(got)
      if (request.method === 'POST' && request.path === '/keys') {
        const [was, is] = [(response.body as { key: string }).key, (body as { key: string }).key]
        keys.set(was, is)
      }
      if (note === 'at once') {
        // Done or not is a matter of the moment.
        expect(body).toMatchObject({ uid: 11, type: 'dumpCreation', indexUid: null })
        return
      }
      expect(comparable(body)).toEqual(comparable(response.body))
    },
  )

  it('makes key strings of the master key as the real server did', () => {
    expect(keyString(MASTER, '01b4bc42-eb33-4041-b481-254d00cce834')).toBe(
      '4192026baab7ba4dfdcbdcd1f1e999d4cc5297b4edf7007f63392e05516ed135',
    )
  })
})

function lineOf({ request: { method, path, key }, note }: Recorded): string {
  return `${method} ${path}${key === 'master' ? '' : ' with another key'}${note === undefined ? '' : `, ${note}`}`
}
