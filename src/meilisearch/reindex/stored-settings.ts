import type { IndexSettings, StoredSettings } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'
import { parseContents } from '../contents.ts'
import { dumpEntries } from '../inspect-archive.ts'

const SETTINGS_FILE = /^indexes\/([A-Za-z0-9_-]{1,512})\/settings\.json$/
const LARGEST = 64 * 2 ** 20

/** Finds the settings of all indexes in a dump, by uid; see `SettingsReader`. */
export async function readStoredSettings(
  dump: AsyncIterable<Uint8Array>,
  contents: Uint8Array | undefined,
): Promise<ReadonlyMap<string, StoredSettings>> {
  const recorded = contents && parseContents(contents).indexes
  const found = new Map<string, StoredSettings>()
  for await (const entry of dumpEntries(dump)) {
    const uid = SETTINGS_FILE.exec(entry.name)?.[1]
    if (uid === undefined) continue
    if (entry.size > LARGEST) throw damaged(`${entry.name} has ${entry.size} bytes`)
    const chunks: Uint8Array[] = []
    // Copied: the reader's own bytes are filled again.
    for await (const chunk of entry.bytes()) chunks.push(Uint8Array.from(chunk))
    const hiddenKeys = recorded?.find((index) => index.uid === uid)?.hiddenKeys ?? []
    found.set(uid, { settings: parseSettings(Buffer.concat(chunks), entry.name), hiddenKeys })
  }
  return found
}

function parseSettings(bytes: Buffer, name: string): IndexSettings {
  try {
    const content: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof content === 'object' && content !== null) return content as IndexSettings
  } catch (cause) {
    throw damaged(`${name} is not JSON`, cause)
  }
  throw damaged(`${name} holds no settings`)
}

function damaged(what: string, cause?: unknown): LifeboatError {
  return new LifeboatError('damaged', `The dump of search is damaged: ${what}.`, {
    hint: 'Use another backup, and find out what damaged this one.',
    ...(cause === undefined ? {} : { cause }),
  })
}
