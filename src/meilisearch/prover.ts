import { createReadStream } from 'node:fs'
import type { MeilisearchManifest } from '../catalog/manifest.ts'
import { manifestOf } from '../catalog/manifest.ts'
import type {
  PlainArchive,
  PreparedProver,
  ProofContext,
  ProofMaterial,
  ProofTotals,
  Prover,
} from '../catalog/proof.ts'
import { LifeboatError } from '../errors.ts'
import { meilisearchClient, type MeilisearchClient } from './client.ts'
import { compareArchive, compareImported } from './compare-imported.ts'
import { parseContents } from './contents.ts'
import { indexId } from './facts.ts'
import type { HttpOptions } from './http.ts'
import { apiSettings, importDump, patchFeatures, switchFeaturesOn } from './import-dump.ts'
import { inspectArchive, type InspectedArchive } from './inspect-archive.ts'
import { changeDocument } from './negative-control.ts'
import { removeIndexes } from './reindex/remove-indexes.ts'
import { sampleSearches, type Sample } from './sample-searches.ts'
import { withoutEmbedderKeys } from './settings-text.ts'

export interface MeilisearchProverOptions {
  /** An empty server; undefined: only what can be proved without one. */
  readonly target: Omit<HttpOptions, 'signal'> | undefined
  /** The server that is backed up, where it is known: never to be imported into. */
  readonly liveHost: string | undefined
  /** Has a damaged copy noticed too. */
  readonly negativeControl: boolean
  readonly stallMs: number
}

/** Reads a dump through, and imports it into a scratch server where one is given. */
export function meilisearchProver(options: MeilisearchProverOptions): Prover {
  return {
    kind: 'meilisearch',
    prepare: async (given, context) => {
      const manifest = manifestOf('meilisearch', given)
      const { target } = options
      const client = target && meilisearchClient({ ...target, signal: context.signal })
      const notes = client ? await lookAt(client, options, manifest) : [WITHOUT_SERVER]
      return new MeilisearchProof(options, client, notes)
    },
  }
}

const WITHOUT_SERVER =
  'NOT MEASURED: whether a server takes the dump. Give an empty one as target-meili-host, for example a service container of the image getmeili/meilisearch.'

/** Throws `input` where nothing may be imported into it. */
async function lookAt(
  client: MeilisearchClient,
  { liveHost }: MeilisearchProverOptions,
  manifest: MeilisearchManifest,
): Promise<readonly string[]> {
  if (client.host === liveHost) {
    throw new LifeboatError('input', 'target-meili-host is the server that is backed up (meili-host).', {
      hint: 'Give an empty server of its own, for example a service container.',
    })
  }
  const version = await client.version()
  const indexes = await client.indexes()
  if (indexes.length > 0) {
    throw new LifeboatError(
      'input',
      `The server at target-meili-host (${client.host}) is not empty: it has ${indexes.length} indexes.`,
      {
        hint: 'A verification imports into an empty server only, and removes what it made. Give another one.',
      },
    )
  }
  return version === manifest.server.version
    ? []
    : [`The server is Meilisearch ${version}, the backup is of ${manifest.server.version}.`]
}

class MeilisearchProof implements PreparedProver {
  readonly notes: readonly string[]
  readonly #options: MeilisearchProverOptions
  readonly #client: MeilisearchClient | undefined
  readonly #made = new Set<string>()
  #features: readonly string[] = []
  #context: ProofContext | undefined

  constructor(
    options: MeilisearchProverOptions,
    client: MeilisearchClient | undefined,
    notes: readonly string[],
  ) {
    this.#options = options
    this.#client = client
    this.notes = notes
  }

  async prove(material: ProofMaterial, context: ProofContext): Promise<ProofTotals> {
    this.#context = context
    const { climb, signal } = context
    const manifest = manifestOf('meilisearch', material.manifest)
    const contents = parseContents(material.contents)
    const client = this.#client
    const open = (): AsyncIterable<Uint8Array> => bytesOf(material.archive, signal)
    const samples: Sample[] = []
    let inspected: InspectedArchive | undefined
    await climb('restored', async () => {
      inspected = await inspectArchive(open())
      const whole = `The archive is whole: ${inspected.indexes.length} indexes, ${manifest.contents.documents} documents, every line is JSON`
      if (!client)
        return { outcome: 'not-measured', summary: `${whole}. Import into a server: NOT MEASURED.` }
      await this.#import(client, inspected, { open, samples, context })
      return { outcome: 'passed', summary: `${whole}, and a server took all of it.` }
    })
    if (!inspected) throw new TypeError('a rung passed without an archive')
    const { indexes } = inspected
    const read = inspected
    await climb('equal', async () => {
      const findings = [...compareArchive(read, contents), ...compareManifest(manifest, read)]
      if (client)
        for (const index of indexes) findings.push(...(await compareImported(client, index.uid, index)))
      const where = client ? 'in the archive and on the server' : 'in the archive'
      return findings.length === 0
        ? { outcome: 'passed', summary: `Counts, documents and settings ${where} are what was recorded.` }
        : { outcome: 'failed', summary: `${findings.length} differences to what was recorded.`, findings }
    })
    context.watch.lap('compare')
    if (client) {
      await climb('searches', async () => {
        const { searches, findings } = await sampleSearches(client, samples)
        if (searches === 0)
          return { outcome: 'skipped', summary: 'No document has text that can be searched.' }
        return findings.length === 0
          ? { outcome: 'passed', summary: `${searches} searches found what they should.` }
          : {
              outcome: 'failed',
              summary: `${findings.length} of ${searches} searches found too little.`,
              findings,
            }
      })
      const { negativeControl, stallMs } = this.#options
      if (negativeControl) {
        const { clock } = context
        await climb('negative-control', () =>
          changeDocument(client, { samples, indexes }, { clock, stallMs }),
        )
      }
    }
    return {
      tables: indexes.length,
      rows: indexes.reduce((sum, { documents }) => sum + documents, 0),
      orphans: null,
    }
  }

  async #import(
    client: MeilisearchClient,
    inspected: InspectedArchive,
    work: {
      readonly open: () => AsyncIterable<Uint8Array>
      readonly samples: Sample[]
      readonly context: ProofContext
    },
  ): Promise<void> {
    const { clock, log, watch } = work.context
    this.#features = await switchFeaturesOn(client, inspected.features)
    const wanted = new Map(inspected.indexes.map((index) => [index.uid, index]))
    await importDump(inspected, work.open, {
      client,
      clock,
      log,
      stallMs: this.#options.stallMs,
      nameOf: (uid) => uid,
      // A scratch server gets nobody's keys.
      settingsOf: ({ settings }) => apiSettings(withoutEmbedderKeys(settings).json, inspected.features),
      making: (name) => this.#made.add(name),
      sawDocument: (uid, line, number) => {
        const index = wanted.get(uid)
        if (!index || index.primaryKey === null || !isSampled(number, index.documents)) return
        work.samples.push({ uid, primaryKey: index.primaryKey, line: line.toString('utf8') })
      },
    })
    watch.lap('restore')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const [client, context] = [this.#client, this.#context]
    if (!client || !context) return
    const { clock, log } = context
    const { left } = await removeIndexes(client, this.#made, { clock, limitMs: 60_000 })
    for (const { name } of left)
      log.warning(`The index "${name}" stays on the scratch server: it could not be removed.`)
    if (this.#features.length > 0) {
      await patchFeatures(client.signal.aborted ? client.afterAbort() : client, this.#features, false)
    }
  }
}

/** The first, one in the middle, the last. */
function isSampled(number: number, documents: number): boolean {
  return number === 0 || number === Math.floor(documents / 2) || number === documents - 1
}

function compareManifest({ contents }: MeilisearchManifest, { indexes }: InspectedArchive) {
  return indexes.flatMap(({ uid, documents, documentsDigest, settingsDigest }) => {
    const recorded = contents.perIndex.find(({ index }) => index === indexId(uid))
    const equal =
      recorded?.documents === documents &&
      recorded.documentsDigest === documentsDigest &&
      recorded.settingsDigest === settingsDigest
    return equal
      ? []
      : [
          {
            what: `index ${uid}`,
            expected: 'as in the manifest',
            found: recorded ? 'something else' : 'not in it',
          },
        ]
  })
}

function bytesOf(archive: PlainArchive, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return archive.kind === 'file'
    ? createReadStream(archive.path, { highWaterMark: 256 * 1024, signal })
    : archive.open(signal)
}
