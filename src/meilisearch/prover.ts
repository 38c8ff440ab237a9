import { createReadStream } from 'node:fs'
import { manifestOf } from '../catalog/manifest.ts'
import type {
  ForeignProver,
  PlainArchive,
  PreparedForeignProver,
  PreparedProver,
  ProofContext,
  ProofMaterial,
  ProofTotals,
  Prover,
} from '../catalog/proof.ts'
import { meilisearchClient, type MeilisearchClient } from './client.ts'
import { compareAll, type Recorded } from './compare-proof.ts'
import { parseContents } from './contents.ts'
import type { HttpOptions } from './http.ts'
import { apiSettings, switchFeaturesBack, switchFeaturesOn, unknownFeatures } from './features.ts'
import { importableSettings } from './importable-settings.ts'
import { importDump } from './import-dump.ts'
import { inspectArchive, type InspectedArchive, type InspectedIndex } from './inspect-archive.ts'
import { ofUsers, reservedNotes } from './reserved-indexes.ts'
import { changeDocument } from './negative-control.ts'
import { removeIndexes } from './reindex/remove-indexes.ts'
import { assertScratch } from './scratch-server.ts'
import { sampleSearches, type Sample } from './sample-searches.ts'
import { withoutEmbedderKeys } from './settings-text.ts'
import { assertRights } from './try-rights.ts'

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
export function meilisearchProver(options: MeilisearchProverOptions): Prover & ForeignProver {
  const clientFor = async (signal: AbortSignal): Promise<MeilisearchClient | undefined> => {
    const client = options.target && meilisearchClient({ ...options.target, signal })
    if (client) await assertRights(client, 'restore-verify')
    return client
  }
  return {
    kind: 'meilisearch',
    prepare: async (given, { signal }) => {
      const manifest = manifestOf('meilisearch', given)
      const client = await clientFor(signal)
      const version = client && (await assertScratch(client, options.liveHost))
      return new MeilisearchProof(options, client, notesOn(version, manifest.server.version))
    },
    prepareForeign: async ({ signal }) => {
      const client = await clientFor(signal)
      const version = client && (await assertScratch(client, options.liveHost))
      return new MeilisearchProof(options, client, notesOn(version, undefined))
    },
  }
}

const WITHOUT_SERVER =
  'NOT MEASURED: whether a server takes the dump. Give an empty one as target-meili-host, for example a service container of the image getmeili/meilisearch.'

function notesOn(version: string | undefined, recorded: string | undefined): string[] {
  if (version === undefined) return [WITHOUT_SERVER]
  if (recorded === undefined) return [`The server is Meilisearch ${version}.`]
  return version === recorded ? [] : [`The server is Meilisearch ${version}, the backup is of ${recorded}.`]
}

class MeilisearchProof implements PreparedProver, PreparedForeignProver {
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

  prove(material: ProofMaterial, context: ProofContext): Promise<ProofTotals> {
    const manifest = manifestOf('meilisearch', material.manifest)
    return this.#prove(material.archive, { manifest, contents: parseContents(material.contents) }, context)
  }

  proveForeign(archive: PlainArchive, context: ProofContext): Promise<ProofTotals> {
    return this.#prove(archive, undefined, context)
  }

  async #prove(
    archive: PlainArchive,
    recorded: Recorded | undefined,
    context: ProofContext,
  ): Promise<ProofTotals> {
    this.#context = context
    const { climb, signal } = context
    const client = this.#client
    const open = (): AsyncIterable<Uint8Array> => bytesOf(archive, signal)
    const samples: Sample[] = []
    let inspected: InspectedArchive | undefined
    await climb('restored', async () => {
      inspected = await inspectArchive(open())
      const whole = `The archive is whole: ${inspected.indexes.length} indexes, ${documentsIn(inspected)} documents, every line is JSON`
      if (!client)
        return { outcome: 'not-measured', summary: `${whole}. Import into a server: NOT MEASURED.` }
      const notes = await this.#import(client, inspected, { open, samples, context })
      return { outcome: 'passed', summary: `${whole}, and a server took all of it.`, notes }
    })
    if (!inspected) throw new TypeError('a rung passed without an archive')
    const read = inspected
    const sent = scratchSettings(read)
    await climb('equal', () => compareAll(read, recorded, client && { client, sent }))
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
          changeDocument(client, { samples, indexes: read.indexes, sent }, { clock, stallMs }),
        )
      }
    }
    return { tables: inspected.indexes.length, rows: documentsIn(inspected), orphans: null }
  }

  async #import(
    client: MeilisearchClient,
    inspected: InspectedArchive,
    work: {
      readonly open: () => AsyncIterable<Uint8Array>
      readonly samples: Sample[]
      readonly context: ProofContext
    },
  ): Promise<string[]> {
    const { clock, log, watch } = work.context
    const unknown = await switchFeaturesOn(client, inspected.features, (names) => (this.#features = names))
    const wanted = new Map(inspected.indexes.map((index) => [index.uid, index]))
    await importDump(ofUsers(inspected), work.open, {
      client,
      clock,
      log,
      stallMs: this.#options.stallMs,
      nameOf: (uid) => uid,
      settingsOf: scratchSettings(inspected),
      making: (name) => this.#made.add(name),
      sawDocument: (uid, line, number) => {
        const index = wanted.get(uid)
        if (!index || index.primaryKey === null || !isSampled(number, index.documents)) return
        work.samples.push({ uid, primaryKey: index.primaryKey, line: line.toString('utf8') })
      },
    })
    watch.lap('restore')
    return [...unknownFeatures(unknown), ...reservedNotes(inspected)]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const [client, context] = [this.#client, this.#context]
    if (!client || !context) return
    const { clock, log } = context
    const { left } = await removeIndexes(client, this.#made, { clock, limitMs: 60_000 })
    for (const { name } of left)
      log.warning(`The index "${name}" stays on the scratch server: it could not be removed.`)
    await switchFeaturesBack(client, this.#features, log)
  }
}

function documentsIn({ indexes }: InspectedArchive): number {
  return indexes.reduce((sum, { documents }) => sum + documents, 0)
}

/** A scratch server gets nobody's keys, and so no embedder that it could not set up without. */
function scratchSettings({ features }: InspectedArchive): (index: InspectedIndex) => string {
  return ({ settings, dimensions }) => {
    const plain = Buffer.from(withoutEmbedderKeys(settings).json)
    return apiSettings(importableSettings(plain, dimensions).json, features)
  }
}

/** The first, one in the middle, the last. */
function isSampled(number: number, documents: number): boolean {
  return number === 0 || number === Math.floor(documents / 2) || number === documents - 1
}

function bytesOf(archive: PlainArchive, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return archive.kind === 'file'
    ? createReadStream(archive.path, { highWaterMark: 256 * 1024, signal })
    : archive.open(signal)
}
