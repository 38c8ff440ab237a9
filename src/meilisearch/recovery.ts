import type { Artifact } from '../catalog/manifest.ts'
import type { IndexContents } from './contents.ts'

/**
 * The shell lines that bring search back on a fresh server with nothing of ours. They run in the folder that holds the
 * backup's objects and `key.txt` (an age identity).
 */
export function recoveryLines(backup: {
  readonly artifacts: readonly Artifact[]
  readonly version: string
  readonly indexes: readonly Pick<IndexContents, 'hiddenKeys'>[]
}): string[] {
  const dump = backup.artifacts.find(({ role }) => role === 'dump')
  if (!dump) return []
  const plain = dump.file.replace(/\.age$/, '')
  const hidden = backup.indexes.reduce((sum, { hiddenKeys }) => sum + hiddenKeys.length, 0)
  return [
    `# Meilisearch ${backup.version} or newer, with an empty --db-path; this folder holds the backup's objects and key.txt.`,
    ...(dump.recipients.length > 0 ? [`age -d -i key.txt -o ${quote(plain)} ${quote(dump.file)}`] : []),
    '# MEILI_MASTER_KEY as it was before: then the API keys are the same strings again. It ends up listening; indexing is done then.',
    `meilisearch --import-dump ${quote(plain)} --db-path ./data.ms`,
    ...(hidden > 0
      ? [
          `# ${hidden} embedder(s) had an API key, which is not in the dump. Give each its own again (a composite one in its searchEmbedder and indexingEmbedder), or hybrid search fails:`,
          `curl -X PATCH "$MEILI_HOST/indexes/<index>/settings" -H "Authorization: Bearer $MEILI_MASTER_KEY" -H 'Content-Type: application/json' -d '{"embedders":{"<embedder>":{"apiKey":"<key>"}}}'`,
        ]
      : []),
  ]
}

function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
