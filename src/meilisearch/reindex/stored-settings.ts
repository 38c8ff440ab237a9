import type { IndexSettings, StoredSettings } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'
import { parseContents } from '../contents.ts'
import { apiSettings, featuresOf } from '../features.ts'
import { withApart } from '../importable-settings.ts'
import { dumpEntries, FEATURES, featuresIn } from '../inspect-archive.ts'
import { isReserved } from '../reserved-indexes.ts'

const SETTINGS_FILE = /^indexes\/([^/]+)\/settings\.json$/
const LARGEST = 64 * 2 ** 20

/**
 * Finds the settings of all indexes in a dump, by uid, as the API takes them: see `SettingsReader`. Embedders that stood
 * apart from the dump are in them again.
 */
export async function readStoredSettings(
  dump: AsyncIterable<Uint8Array>,
  contents: Uint8Array | undefined,
): Promise<ReadonlyMap<string, StoredSettings>> {
  const recorded = contents && parseContents(contents).indexes
  const files = new Map<string, Buffer>()
  let features: readonly string[] = []
  for await (const entry of dumpEntries(dump)) {
    const uid = SETTINGS_FILE.exec(entry.name)?.[1]
    if (uid === undefined && entry.name !== FEATURES) continue
    if (entry.size > LARGEST) throw damaged(`${entry.name} has ${entry.size} bytes`)
    const chunks: Uint8Array[] = []
    // Copied: the reader's own bytes are filled again.
    for await (const chunk of entry.bytes()) chunks.push(Uint8Array.from(chunk))
    if (uid === undefined) features = featuresIn(parseObject(Buffer.concat(chunks), entry.name))
    else if (!isReserved({ uid })) files.set(uid, Buffer.concat(chunks))
  }
  return new Map(
    [...files].map(([uid, bytes]) => {
      parseObject(bytes, `indexes/${uid}/settings.json`)
      const record = recorded?.find((index) => index.uid === uid)
      const json = apiSettings(withApart(bytes, record?.apart ?? {}), features)
      return [
        uid,
        {
          settings: JSON.parse(json) as IndexSettings,
          hiddenKeys: record?.hiddenKeys ?? [],
          features: featuresOf(json, features),
        },
      ]
    }),
  )
}

function parseObject(bytes: Buffer, name: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof content === 'object' && content !== null) return content as IndexSettings
  } catch (cause) {
    throw damaged(`${name} is not JSON`, cause)
  }
  throw damaged(`${name} holds no JSON object`)
}

function damaged(what: string, cause?: unknown): LifeboatError {
  return new LifeboatError('damaged', `The dump of search is damaged: ${what}.`, {
    hint: 'Use another backup, and find out what damaged this one.',
    ...(cause === undefined ? {} : { cause }),
  })
}
