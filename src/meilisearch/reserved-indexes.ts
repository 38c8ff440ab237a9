import type { InspectedArchive } from './inspect-archive.ts'

const RESERVED = '.meili'

/** Whether an index is the server's own (dynamic search rules are one): its API neither shows nor makes such. */
export function isReserved({ uid }: { readonly uid: string }): boolean {
  return uid.startsWith(RESERVED)
}

/** The dump without the server's own indexes. */
export function ofUsers(dump: InspectedArchive): InspectedArchive {
  return { ...dump, indexes: dump.indexes.filter((index) => !isReserved(index)) }
}

/** What is said where a dump was imported by the API. */
export function reservedNotes({ indexes }: InspectedArchive): string[] {
  const own = indexes.filter(isReserved)
  return own.length === 0
    ? []
    : [
        `${own.length} index(es) of the dump are the server's own (${own.map(({ uid }) => uid).join(', ')}: dynamic search rules): the API does not take them, meilisearch --import-dump does.`,
      ]
}
