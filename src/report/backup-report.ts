import type { Artifact, Manifest } from '../catalog/manifest.ts'

/** What a committed backup has to tell, beyond its manifest. */
export interface BackupReport {
  readonly manifest: Manifest
  /** Key of the backup's folder, ending in `/`. */
  readonly folder: string
  /** The store's own description, for people. */
  readonly store: string
  /** The shell line that brings the backup's objects into the current folder. */
  readonly download: string
  /** Tables, largest first; their names are in no manifest. */
  readonly largest: readonly { readonly name: string; readonly rows: number | null; readonly bytes: number }[]
  /** Who waited for the backup's locks, and how long, one sentence each. */
  readonly waits: readonly string[]
  /** What the reader should act on, though the backup stands. */
  readonly warnings: readonly string[]
}

/** A database whose backup failed while others went on. */
export interface BackupFailure {
  readonly name: string
  readonly reason: string
}

/** The artifact that holds the database. */
export function dumpOf({ manifest }: BackupReport): Artifact {
  const dump = manifest.artifacts.find(({ role }) => role === 'dump')
  if (!dump) throw new TypeError(`backup ${manifest.id} has no dump`)
  return dump
}

/** From the first look at the server to the manifest, in milliseconds. */
export function durationOf({ manifest }: BackupReport): number {
  return Date.parse(manifest.finished) - Date.parse(manifest.started)
}
