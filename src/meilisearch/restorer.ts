import { createReadStream } from 'node:fs'
import type { PreparedRestorer, RestoreContext, RestoreOutcome, Restorer } from '../catalog/restorer.ts'
import { manifestOf, type Manifest } from '../catalog/manifest.ts'
import { LifeboatError } from '../errors.ts'
import { chooseIndexes } from './choose-indexes.ts'
import { meilisearchClient, type MeilisearchClient } from './client.ts'
import { compareArchive, compareImported } from './compare-imported.ts'
import { parseContents, type MeilisearchContents } from './contents.ts'
import type { HttpOptions } from './http.ts'
import { switchFeaturesBack, switchFeaturesOn, unknownFeatures } from './features.ts'
import { importDump } from './import-dump.ts'
import { inspectArchive, type InspectedArchive, type InspectedIndex } from './inspect-archive.ts'
import { ofUsers, reservedNotes } from './reserved-indexes.ts'
import { freshName } from './reindex/fresh-name.ts'
import { removeIndexes } from './reindex/remove-indexes.ts'
import { swapIn, type Fresh } from './reindex/swap.ts'
import { restoreKeys } from './restore-keys.ts'
import { settingsWithKeys, waivedNotes } from './restore-settings.ts'
import { assertRights } from './try-rights.ts'

export interface MeilisearchRestorerOptions {
  readonly target: Omit<HttpOptions, 'signal'>
  /** Uids of indexes, or patterns of them; empty: everything. */
  readonly only: readonly string[]
  /** `products.default` to the key of that embedder, or to `waived`. */
  readonly embedderKeys: ReadonlyMap<string, string>
  readonly stallMs: number
  /** Six lower-case hexadecimal digits. */
  readonly random: () => string
}

/**
 * Brings a dump back into a server by its API: fresh indexes beside those that are there, compared with the dump, then all
 * of them swapped in by one task. Nothing of the server's is removed: what stood there before keeps the fresh index's name.
 */
export function meilisearchRestorer(options: MeilisearchRestorerOptions): Restorer {
  return {
    kind: 'meilisearch',
    prepare: async (manifest, context) => {
      const client = meilisearchClient({ ...options.target, signal: context.signal })
      await assertRights(client, 'restore')
      await lookAt(client, manifest, context)
      return prepared(client, options)
    },
  }
}

async function lookAt(
  client: MeilisearchClient,
  given: Manifest | undefined,
  { log }: RestoreContext,
): Promise<void> {
  const manifest = given && manifestOf('meilisearch', given)
  const version = await client.version()
  const indexes = await client.indexes()
  log.info(`${client.host}: Meilisearch ${version}, ${indexes.length} indexes.`)
  if (manifest && manifest.server.version !== version)
    log.notice(`The backup is of Meilisearch ${manifest.server.version}, this server is ${version}.`)
}

function prepared(client: MeilisearchClient, options: MeilisearchRestorerOptions): PreparedRestorer {
  return {
    restore: async (material, context) => {
      const { watch, log } = context
      const open = (): AsyncIterable<Uint8Array> =>
        createReadStream(material.archive, { highWaterMark: 256 * 1024, signal: context.signal })
      const whole = await inspectArchive(open())
      const contents = material.contents && parseContents(material.contents)
      if (contents) assertAsRecorded(whole, contents)
      const inspected = chooseIndexes(ofUsers(whole), options.only)
      const settingsOf = settingsWithKeys(inspected, contents, options.embedderKeys)
      watch.lap('read')
      let features: readonly string[] = []
      const unknown: string[] = []
      const fresh = new Map<string, string>()
      try {
        const switching = (names: readonly string[]): void => void (features = names)
        unknown.push(...(await switchFeaturesOn(client, inspected.features, switching)))
        await importDump(inspected, open, {
          client,
          clock: context.clock,
          log,
          stallMs: options.stallMs,
          nameOf: (uid) => fresh.get(uid) ?? name(fresh, uid, { options, context }),
          settingsOf,
          making: () => undefined,
        })
        watch.lap('import')
        await assertImported(client, inspected, { fresh, settingsOf })
        watch.lap('compare')
      } catch (error) {
        await removeIndexes(client, fresh.values(), { clock: context.clock, limitMs: 60_000 })
        await switchFeaturesBack(client, features, log)
        throw error
      }
      const live = new Set((await client.indexes()).map(({ uid }) => uid))
      const all = [...fresh].map(([uid, own]): Fresh => ({ uid, name: own }))
      if (all.length > 0) await swapIn(client, all, { clock: context.clock, stallMs: options.stallMs })
      watch.lap('swap')
      const keys = await restoreKeys(client, options.only.length > 0 ? [] : inspected.keys)
      return outcome(client, inspected, {
        old: all.filter(({ uid }) => live.has(uid)),
        notes: [
          ...(features.length > 0 ? [`Experimental features were switched on: ${features.join(', ')}.`] : []),
          ...unknownFeatures(unknown),
          ...keys.notes,
          ...waivedNotes(options.embedderKeys),
          ...partNotes(whole, options.only),
          ...(options.only.length > 0 ? [] : reservedNotes(whole)),
        ],
        failures: keys.failures,
      })
    },
  }
}

function name(
  fresh: Map<string, string>,
  uid: string,
  { options, context }: { options: MeilisearchRestorerOptions; context: RestoreContext },
): string {
  const made = freshName(uid, context.clock.now(), options.random())
  fresh.set(uid, made)
  return made
}

function assertAsRecorded(inspected: InspectedArchive, contents: MeilisearchContents): void {
  const findings = compareArchive(inspected, contents)
  if (findings.length === 0) return
  const lines = findings
    .slice(0, 8)
    .map(({ what, expected, found }) => `${what}: expected ${expected}, found ${found}`)
  throw new LifeboatError('damaged', ['The dump is not what was recorded with it.', ...lines].join('\n'), {
    hint: 'Nothing was touched. Use another backup, and find out who writes to the store.',
  })
}

/** What search would show is compared before it is swapped in. */
async function assertImported(
  client: MeilisearchClient,
  { indexes }: InspectedArchive,
  {
    fresh,
    settingsOf,
  }: {
    readonly fresh: ReadonlyMap<string, string>
    readonly settingsOf: (index: InspectedIndex) => string
  },
): Promise<void> {
  const findings = []
  for (const index of indexes) {
    const imported = { index, sent: settingsOf(index) }
    findings.push(...(await compareImported(client, fresh.get(index.uid) ?? index.uid, imported)))
  }
  if (findings.length === 0) return
  const lines = findings
    .slice(0, 8)
    .map(({ what, expected, found }) => `${what}: expected ${expected}, found ${found}`)
  throw new LifeboatError(
    'incomplete',
    ['What the server made of the dump is not what is in it; search is as it was.', ...lines].join('\n'),
    {
      hint: 'Is it another version of Meilisearch? Use the one that was backed up, or start one with --import-dump.',
    },
  )
}

/** What of the dump stays out. */
function partNotes({ indexes, keys, webhooks }: InspectedArchive, only: readonly string[]): string[] {
  return [
    ...(only.length > 0
      ? [
          `Of the ${indexes.length} indexes of the backup only those that were asked for were restored, and none of its ${keys.length} API keys.`,
        ]
      : []),
    ...(webhooks > 0
      ? [
          `${webhooks} webhook(s) of the backup were not made, so that this server calls nobody by surprise: they are in its webhooks.json, and POST /webhooks makes them.`,
        ]
      : []),
  ]
}

function outcome(
  { host }: MeilisearchClient,
  { indexes }: InspectedArchive,
  found: {
    readonly old: readonly Fresh[]
    readonly notes: readonly string[]
    readonly failures: RestoreOutcome['failures']
  },
): RestoreOutcome {
  const documents = indexes.reduce((sum, index) => sum + index.documents, 0)
  return {
    database: host,
    previous: undefined,
    failures: found.failures,
    notValid: [],
    notes: [
      ...found.old.map(
        ({ uid, name: own }) =>
          `What was in "${uid}" before is now the index "${own}": delete it when nobody needs it.`,
      ),
      ...found.notes,
    ],
    cutOver: [],
    comparison: {
      outcome: 'equal',
      summary: `${indexes.length} indexes with ${documents} documents, each equal to the dump before it was swapped in.`,
      findings: [],
    },
  }
}
