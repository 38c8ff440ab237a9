import { join } from 'node:path'
import { z } from 'zod'
import type { Artifact } from '../catalog/manifest.ts'
import type { ArtifactContent, CaptureContext, Captured, Source } from '../catalog/source.ts'
import { stopwatch } from '../catalog/stopwatch.ts'
import type { LifeboatError } from '../errors.ts'
import { archiveTar, DUMP_STAGES } from './archive.ts'
import { meilisearchClient, type MeilisearchClient } from './client.ts'
import { parseAnswer } from './parse-answer.ts'
import { renderContents, type IndexContents, type MeilisearchContents } from './contents.ts'
import { largestIndexes, sourceFacts } from './facts.ts'
import type { HttpOptions } from './http.ts'
import { makeServerDump } from './server-dump.ts'
import { pauseBefore } from './read-index.ts'
import { readServerParts } from './server-parts.ts'

export interface MeilisearchSourceOptions {
  readonly server: Omit<HttpOptions, 'signal'>
  /** What the backup is called. */
  readonly name: string
  /** Where the server writes its dumps, seen from here; undefined: the dump is built from the API. */
  readonly dumpDirectory: string | undefined
  readonly allowInconsistent: boolean
  /** How often an index that changed is read again. */
  readonly retries: number
  /** The longest that the server may take for a dump of its own. */
  readonly taskMs: number
  /** An existing directory of ours, for the spool file. */
  readonly temporary: string
  readonly pauseMs?: number
  /** How long the server's file may take to be seen. */
  readonly appearMs?: number
}

/** One Meilisearch server. */
export function meilisearchSource(options: MeilisearchSourceOptions): Source {
  const { name, dumpDirectory } = options
  return {
    kind: 'meilisearch',
    name,
    capture: async (context) => {
      const client = meilisearchClient({ ...options.server, signal: context.signal })
      return dumpDirectory === undefined
        ? await captureFromApi(client, options, context)
        : await captureServerDump(client, { ...options, dumpDirectory }, context)
    },
  }
}

async function captureFromApi(
  client: MeilisearchClient,
  { allowInconsistent, retries, temporary, pauseMs }: MeilisearchSourceOptions,
  context: CaptureContext,
): Promise<Captured> {
  const { log, clock, signal } = context
  const watch = stopwatch(clock)
  const parts = await log.group('Server', async () => {
    const found = await readServerParts(client)
    log.info(`${client.host}: Meilisearch ${found.version}, ${found.keys.length} API keys.`)
    return found
  })
  const sourceBytes = await databaseBytes(client)
  watch.lap('prepare')
  const time = clock.now()
  const write = context.begin(time)
  // Ends a request that is under way when the upload is given up.
  const reading = new AbortController()
  const reader = client.with(AbortSignal.any([signal, reading.signal]))
  let changes = 0
  let again: LifeboatError | undefined
  const indexes: IndexContents[] = []
  let withHeaders = 0
  const archive = () => {
    // Called again where the upload begins anew: then everything is read again.
    indexes.length = 0
    withHeaders = 0
    again = undefined
    return archiveTar({
      client: reader,
      parts,
      time,
      spool: join(temporary, 'meilisearch-spool'),
      retries,
      allowInconsistent,
      log,
      changed: (error) => {
        if (changes >= retries && allowInconsistent) return 'take-it'
        again = error
        return 'begin-again'
      },
      found: (index, itsHeaders) => {
        indexes.push(index)
        withHeaders += itsHeaders
      },
      ...(pauseMs === undefined ? {} : { pauseMs }),
    })
  }
  const content: ArtifactContent = {
    role: 'dump',
    open: () => ({ kind: 'bytes', label: 'Meilisearch', bytes: archive() }),
    encode: DUMP_STAGES,
    sourceBytes,
  }
  const store = async (): Promise<Artifact> => {
    for (;;) {
      try {
        return await write(content, signal)
      } catch (error) {
        if (again === undefined || changes >= retries) throw error
        changes += 1
        log.info(`${again.message} The list is begun again (${changes} of ${retries}).`)
        await pauseBefore(changes - 1, pauseMs, signal)
      }
    }
  }
  const dump = await store().catch((error: unknown) => {
    reading.abort(error)
    throw error
  })
  watch.lap('dump')
  const keys = parts.keys.map(({ uid }) => uid)
  const contents: MeilisearchContents = { format: 1, way: 'api', indexes, keys, hidden: [...parts.hidden] }
  const artifacts = [dump, await write(bytes(contents), signal)]
  watch.lap('contents')
  const { version } = parts
  const notes = [
    ...parts.notes,
    'Each index was read at a moment of its own; together they are no single moment of the server.',
    ...(withHeaders > 0
      ? [
          `${withHeaders} embedder(s) send HTTP headers, which the API shows whole: the dump holds them in clear, and is as secret as they are.`,
        ]
      : []),
  ]
  const facts = sourceFacts({ contents, artifacts, version, time, notes, seconds: watch.seconds() })
  return { facts, largest: largestIndexes(contents) }
}

async function captureServerDump(
  client: MeilisearchClient,
  options: MeilisearchSourceOptions & { readonly dumpDirectory: string },
  context: CaptureContext,
): Promise<Captured> {
  const { log, clock, signal } = context
  const watch = stopwatch(clock)
  const version = await client.version()
  log.info(`${client.host}: Meilisearch ${version} makes a dump of its own.`)
  await using made = await log.group('Dump', () =>
    makeServerDump(client, {
      directory: options.dumpDirectory,
      clock,
      log,
      limitMs: options.taskMs,
      ...(options.appearMs === undefined ? {} : { appearMs: options.appearMs }),
    }),
  )
  watch.lap('dump')
  const { inspected } = made
  const time = new Date(inspected.time)
  const write = context.begin(time)
  const dump = await write(
    {
      role: 'dump',
      open: () => ({ kind: 'bytes', label: 'dump', bytes: made.open() }),
      sourceBytes: made.bytes,
    },
    signal,
  )
  const contents: MeilisearchContents = {
    format: 1,
    way: 'server',
    indexes: inspected.indexes.map(({ settings: _, dimensions: __, ...index }) => ({
      ...index,
      consistent: true,
      apart: {},
    })),
    keys: inspected.keys.map(({ uid }) => uid),
    hidden: [],
  }
  const artifacts = [dump, await write(bytes(contents), signal)]
  watch.lap('store')
  const notes = [
    'The dump holds the API keys and HTTP headers of embedders in clear: it is as secret as they are.',
  ]
  const facts = sourceFacts({ contents, artifacts, version, time, notes, seconds: watch.seconds() })
  return { facts, largest: largestIndexes(contents) }
}

/** What the server keeps, with its indexes' own structures: about what its documents take as text. */
async function databaseBytes(client: MeilisearchClient): Promise<number> {
  const path = '/stats'
  const body = await client.read(path, 'stats.get')
  const schema = z.object({ databaseSize: z.number() })
  return parseAnswer({ method: 'GET', path, host: client.host }, body, schema).databaseSize
}

function bytes(contents: MeilisearchContents): ArtifactContent {
  const content = renderContents(contents)
  return {
    role: 'contents',
    open: () => ({ kind: 'bytes', label: 'contents', bytes: [content] }),
    sourceBytes: content.length,
  }
}
