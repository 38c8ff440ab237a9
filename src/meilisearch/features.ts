import { mapMembers, nameOf } from './json-members.ts'
import { memberOf, membersOf, textOf } from './json-text.ts'
import type { MeilisearchClient } from './client.ts'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { mapTopEmbedders, isComposite } from './settings-text.ts'

/** Settings that dumps always have, and that the API takes and shows only while an experimental feature is on. */
const FEATURE_OF_SETTING: Readonly<Record<string, string>> = {
  chat: 'chatCompletions',
  foreignKeys: 'foreignKeys',
}

/** The settings as the API takes them of a server where only those features are on. */
export function apiSettings(json: string, features: readonly string[]): string {
  return mapMembers(Buffer.from(json), (name, value) => {
    const feature = FEATURE_OF_SETTING[name]
    return feature === undefined || features.includes(feature) ? value.toString('utf8') : undefined
  })
}

/** Of the features that were on, those without which the API refuses these settings. */
export function featuresOf(json: string, on: readonly string[]): readonly string[] {
  const bytes = Buffer.from(json)
  const needed = new Set(membersOf(bytes).flatMap(({ key }) => FEATURE_OF_SETTING[nameOf(bytes, key)] ?? []))
  mapTopEmbedders(bytes, (_name, embedder) => {
    const text = embedder.toString('utf8')
    if (text.startsWith('{') && isComposite(embedder)) needed.add('compositeEmbedders')
    if (/"(?:indexing|search)Fragments"/.test(text)) needed.add('multimodal')
    return text
  })
  return on.filter((name) => needed.has(name))
}

/**
 * Switches experimental features on. `switching` is told of those that are off before they are switched, so that they
 * can be switched back whatever follows. Gives those that the server does not know: they became stable, or were given up,
 * and what settings need of them the server itself says.
 */
export async function switchFeaturesOn(
  client: MeilisearchClient,
  wanted: readonly string[],
  switching: (names: readonly string[]) => void,
): Promise<readonly string[]> {
  if (wanted.length === 0) return []
  const now = await client.read('/experimental-features', 'experimental.get')
  const stateOf = (name: string): string | undefined => {
    const value = memberOf(now, name)
    return value && textOf(now, value)
  }
  const off = wanted.filter((name) => stateOf(name) !== undefined && stateOf(name) !== 'true')
  if (off.length > 0) {
    switching(off)
    await patchFeatures(client, off, true)
  }
  return wanted.filter((name) => stateOf(name) === undefined)
}

/** Switches off again what `switchFeaturesOn` told of, also after the run was cancelled; where it fails, it warns. */
export async function switchFeaturesBack(
  client: MeilisearchClient,
  names: readonly string[],
  log: Log,
): Promise<void> {
  if (names.length === 0) return
  try {
    await patchFeatures(client.signal.aborted ? client.afterAbort() : client, names, false)
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error
    // What went wrong before is what has to be told.
    log.warning(
      `These experimental features stay on at ${client.host}: ${names.join(', ')}. ${error.message}`,
    )
  }
}

/** For a note; empty where all are known. */
export function unknownFeatures(names: readonly string[]): string[] {
  return names.length === 0
    ? []
    : [
        `The server knows no experimental feature ${names.join(', ')}, which the backup had on: it became stable, or is gone.`,
      ]
}

async function patchFeatures(
  client: MeilisearchClient,
  names: readonly string[],
  on: boolean,
): Promise<void> {
  const json = JSON.stringify(Object.fromEntries(names.map((name) => [name, on])))
  await client.patch('/experimental-features', json, 'experimental.update')
}
