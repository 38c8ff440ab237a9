import type { Breach } from '../catalog/breach.ts'
import { parseCatalogFile } from '../catalog/files.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import { encodeName, type BackupId } from '../catalog/names.ts'
import { describeStanzas, type StanzaKind } from '../pipeline/age/header.ts'
import { recipientKind } from '../pipeline/age/recipients.ts'

/** What the beginning of a stored artifact shows, and what its manifest says of it. */
export interface SeenArtifact {
  readonly id: BackupId
  readonly file: string
  /** `plain`: it is no age file, whatever it is called. */
  readonly header: readonly StanzaKind[] | 'plain'
  /** The recipients that the manifest names. */
  readonly claimed: readonly string[]
}

export interface WantedEncryption {
  /** Exactly these recipients, in the newest backup; empty: none, on purpose. Absent: whoever. */
  readonly recipients?: readonly string[] | undefined
  /** At least so many. */
  readonly least?: number | undefined
}

/**
 * Whether all is encrypted, to as many recipients of the kinds as the manifests say and as is wanted. Whose key a stanza
 * is for cannot be seen: that is the manifest's word. Recipients change, so only the newest backup is held to what is
 * wanted today. `seen` comes newest backup first, `backups` too.
 */
export function judgeEncryption(
  name: string,
  { backups, seen }: { readonly backups: readonly ListedBackup[]; readonly seen: readonly SeenArtifact[] },
  wanted: WantedEncryption,
): Breach[] {
  if (wanted.recipients?.length === 0) return []
  return [
    ...plainByName(name, backups),
    ...seen.flatMap(({ id, file, header }): Breach[] =>
      header === 'plain' && file.endsWith('.age')
        ? [{ kind: 'unencrypted', name, id, file, claimed: true, backups: 1 }]
        : [],
    ),
    ...firstOf(seen.flatMap((artifact) => againstManifest(name, artifact))),
    ...firstOf(
      seen
        .filter(({ id }) => id === backups[0]?.id)
        .flatMap((artifact) => againstWanted(name, artifact, wanted)),
    ),
  ]
}

/** `2 × X25519`, of the newest backup. */
export function describeEncryption(
  seen: readonly SeenArtifact[],
  newest: BackupId | undefined,
): string | undefined {
  const ofNewest = seen.filter(({ id }) => id === newest)
  if (ofNewest.some(({ header }) => header === 'plain')) return 'NOT ENCRYPTED'
  const words = ofNewest.flatMap(({ header }) => (header === 'plain' ? [] : [describeStanzas(header)]))
  return words.length === 0 ? undefined : [...new Set(words)].join('; ')
}

function plainByName(name: string, backups: readonly ListedBackup[]): Breach[] {
  const encoded = encodeName(name)
  const isPlain = (file: string): boolean =>
    parseCatalogFile(file, encoded)?.kind === 'artifact' && !file.endsWith('.age')
  const plain = backups.filter(({ files }) => files.some(isPlain))
  const [newest] = plain
  const file = newest?.files.find(isPlain)
  return newest && file !== undefined
    ? [{ kind: 'unencrypted', name, id: newest.id, file, claimed: false, backups: plain.length }]
    : []
}

function againstManifest(name: string, { id, file, header, claimed }: SeenArtifact): Breach[] {
  if (header === 'plain') return []
  const found = describeStanzas(header)
  const expected = claimed.length === 0 ? 'nobody' : describeStanzas(claimed.map(recipientKind))
  return sameKinds(header, claimed)
    ? []
    : [{ kind: 'recipients', name, id, file, found, expected, by: 'manifest' }]
}

function againstWanted(
  name: string,
  { id, file, header, claimed }: SeenArtifact,
  { recipients, least }: WantedEncryption,
): Breach[] {
  if (header === 'plain') return []
  if (least !== undefined && header.length < least) {
    const found = describeStanzas(header)
    return [{ kind: 'recipients', name, id, file, found, expected: `at least ${least}`, by: 'target' }]
  }
  if (recipients === undefined) return []
  if (!sameKinds(header, recipients)) {
    const [found, expected] = [describeStanzas(header), describeStanzas(recipients.map(recipientKind))]
    return [{ kind: 'recipients', name, id, file, found, expected, by: 'wanted' }]
  }
  const [found, expected] = [others(claimed, recipients), others(recipients, claimed)]
  return found.length + expected.length === 0
    ? []
    : [{ kind: 'recipients', name, id, file, found: listed(found), expected: listed(expected), by: 'wanted' }]
}

function sameKinds(header: readonly StanzaKind[], recipients: readonly string[]): boolean {
  return header.toSorted().join() === recipients.map(recipientKind).toSorted().join()
}

function others(these: readonly string[], those: readonly string[]): string[] {
  return these.filter((each) => !those.includes(each))
}

/** Public keys, short enough to be compared by eye. */
function listed(recipients: readonly string[]): string {
  return recipients.length === 0
    ? 'nobody else'
    : recipients.map((each) => `${each.slice(0, 12)}…${each.slice(-6)}`).join(', ')
}

/** All artifacts of all backups are wrong in the same way: one says it. */
function firstOf(breaches: readonly Breach[]): readonly Breach[] {
  return breaches.slice(0, 1)
}
