import { parseCatalogFile } from '../catalog/files.ts'
import { encodeName } from '../catalog/names.ts'
import type { CopyOfBackup, NameInReplica } from '../watch/replica.ts'
import { pairs, type BackupPair, type SideListing } from './replica-side.ts'

/**
 * What of each name here stands in the second store, from both listings alone. Compared are artifacts and manifests:
 * verification records are made later, and copied by the next run.
 */
export function compareSides(here: SideListing, there: SideListing): (name: string) => NameInReplica {
  const copies = new Map<string, CopyOfBackup[]>()
  for (const pair of pairs(here.catalog, there.catalog)) {
    if (pair.here.removing || pair.there?.removing) continue
    const { name } = pair.here
    const ofName = copies.get(name) ?? []
    ofName.push(copyOf(pair, here, there))
    copies.set(name, ofName)
  }
  const others = new Map(there.catalog.names.map(({ name, backups }) => [name, backups]))
  return (name) => ({ copies: copies.get(name) ?? [], there: others.get(name) ?? [] })
}

function copyOf({ here, there }: BackupPair, from: SideListing, to: SideListing): CopyOfBackup {
  const { id, time, name, files } = here
  const isThere = there?.committed === true
  const compared = files.filter((file) => {
    const kind = parseCatalogFile(file, encodeName(name))?.kind
    return kind === 'artifact' || kind === 'manifest'
  })
  const sizes = compared.map((file) => ({
    file,
    here: from.size(here, file) ?? 0,
    there: to.size(here, file),
  }))
  return { id, time, isThere, differing: isThere ? sizes.filter((each) => each.here !== each.there) : [] }
}
