import type { Artifact } from '../catalog/manifest.ts'
import type { IndexContents } from './contents.ts'

/**
 * The shell lines that bring search back on a fresh server with nothing of ours. They run in the folder that holds the
 * backup's objects and `key.txt` (an age identity).
 */
export function recoveryLines(backup: {
  readonly artifacts: readonly Artifact[]
  readonly version: string
  readonly indexes: readonly Pick<IndexContents, 'hiddenKeys' | 'apart'>[]
}): string[] {
  const dump = backup.artifacts.find(({ role }) => role === 'dump')
  if (!dump) return []
  const apart = backup.indexes.reduce((sum, index) => sum + Object.keys(index.apart).length, 0)
  const keyed = backup.indexes.reduce((sum, index) => sum + keysInDump(index).length, 0)
  return [
    `# Meilisearch ${backup.version} or newer, with an empty --db-path; this folder holds the backup's objects and key.txt.`,
    ...opened(dump),
    '# MEILI_MASTER_KEY as it was before: then the API keys are the same strings again. It ends up listening; indexing is done then.',
    `meilisearch --import-dump ${quote(plainName(dump))} --db-path ./data.ms`,
    ...(keyed > 0
      ? [
          `# ${keyed} embedder(s) had an API key, which is not in the dump. Give each its own again, or hybrid search fails:`,
          patchSettings(`'{"embedders":{"<embedder>":{"apiKey":"<key>"}}}'`),
        ]
      : []),
    ...(apart > 0 ? apartLines(apart, backup.artifacts) : []),
  ]
}

/** Whole, with their keys: Meilisearch replaces the parts of a composite one, instead of changing them. */
function apartLines(apart: number, artifacts: readonly Artifact[]): string[] {
  const contents = artifacts.find(({ role }) => role === 'contents')
  if (!contents) return []
  const select = `'{embedders: (.indexes[] | select(.uid == "<index>") | .apart)}'`
  return [
    `# ${apart} embedder(s) are not in the dump, for a server asks them when it sets them up. Their settings are in the contents:`,
    ...opened(contents),
    `jq ${select} ${quote(plainName(contents))} > embedders.json`,
    '# Write "apiKey" into embedders.json where there was one (in searchEmbedder and indexingEmbedder each its own), then, for each such index:',
    patchSettings('@embedders.json'),
  ]
}

function keysInDump({ hiddenKeys, apart }: Pick<IndexContents, 'hiddenKeys' | 'apart'>): string[] {
  const names = Object.keys(apart)
  return hiddenKeys.filter((place) => !names.some((name) => place === name || place.startsWith(`${name}.`)))
}

function opened(artifact: Artifact): string[] {
  const plain = quote(plainName(artifact))
  return artifact.recipients.length > 0 ? [`age -d -i key.txt -o ${plain} ${quote(artifact.file)}`] : []
}

function plainName({ file }: Artifact): string {
  return file.replace(/\.age$/, '')
}

function patchSettings(body: string): string {
  return `curl -X PATCH "$MEILI_HOST/indexes/<index>/settings" -H "Authorization: Bearer $MEILI_MASTER_KEY" -H 'Content-Type: application/json' -d ${body}`
}

function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
