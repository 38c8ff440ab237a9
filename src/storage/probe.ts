import { createHash } from 'node:crypto'
import { advice, failed, failedBy, notChecked, passed, type Finding } from '../catalog/finding.ts'
import type { ProbedStore } from './probed-store.ts'
import type { ObjectVersion, PrunableStore, Removal } from './prunable-store.ts'

/** An object that the doctor wrote. */
export interface Probe {
  readonly key: string
  readonly sha256: string
}

type Store = PrunableStore & ProbedStore

const MIB = 2 ** 20
/** More than a part of the 5 MiB that the doctor's store is opened with, so it goes in two. */
const LARGE = 5 * MIB + 1024

interface Probing {
  /** Beginning of the keys. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly written: (probe: Probe) => void
}

/** Writes a small and a large object, tries to overwrite the small one, and reads both back. */
export async function* probe(store: Store, probing: Probing): AsyncGenerator<Finding> {
  const small = await write(store, {
    ...probing,
    name: 'write',
    file: 'small',
    bytes: Buffer.from('Lifeboat\n'),
  })
  yield small.finding
  if (small.probe) {
    yield await readBack(store, 'read back', small.probe)
    yield await conditional(store, small.probe)
  } else {
    yield notChecked('read back', 'nothing could be written.')
    yield notChecked('conditional write', 'nothing could be written.')
  }
  const bytes = Buffer.alloc(LARGE, 'Lifeboat')
  const large = await write(store, { ...probing, name: 'multipart write', file: 'large', bytes })
  yield large.finding
  if (large.probe) yield await readBack(store, 'read back in full', large.probe)
  else yield notChecked('read back in full', 'nothing could be written in parts.')
}

async function write(
  store: Store,
  order: Probing & { readonly name: string; readonly file: string; readonly bytes: Buffer },
): Promise<{ readonly finding: Finding; readonly probe?: Probe }> {
  const { name, file, bytes, folder, signal, written } = order
  const key = `${folder}${file}`
  try {
    const stored = await store.write(key, () => body(bytes), { expectedBytes: bytes.length, signal })
    const found: Probe = { key, sha256: createHash('sha256').update(bytes).digest('hex') }
    written(found)
    return { probe: found, finding: passed(name, `${stored.size} bytes at ${key}.`) }
  } catch (error) {
    return { finding: failedBy(name, error) }
  }
}

async function readBack(store: Store, name: string, { key, sha256 }: Probe): Promise<Finding> {
  try {
    const hash = createHash('sha256')
    for await (const chunk of store.read(key)) hash.update(chunk)
    return hash.digest('hex') === sha256
      ? passed(name, 'the same bytes (SHA-256).')
      : failed(name, 'other bytes than were written.', 'Do not use this store before you know why.')
  } catch (error) {
    return failedBy(name, error)
  }
}

async function conditional(store: Store, { key }: Probe): Promise<Finding> {
  const name = 'conditional write'
  try {
    switch (await store.overwrite(key)) {
      case 'refused':
        return passed(name, 'a second write to the same key is refused (If-None-Match).')
      case 'unsupported':
        return advice(
          name,
          'the store does not know If-None-Match.',
          'Names are unique, so nothing is overwritten by chance; whoever has the keys can do so on purpose. Keep a second copy.',
        )
      case 'overwritten':
        return failed(
          name,
          'a second write to the same key replaced the first, though it said If-None-Match.',
          'This store breaks its promise: protect the bucket by versions or locks, or use another store.',
        )
    }
  } catch (error) {
    return failedBy(name, error)
  }
}

/** Removes the probes, and tells whether these keys may. */
export async function* examineRemoval(
  store: Store,
  {
    probes,
    signal,
    deletes,
  }: { readonly probes: readonly Probe[]; readonly signal: AbortSignal; readonly deletes: boolean },
): AsyncGenerator<Finding> {
  const name = 'delete'
  if (probes.length === 0) {
    yield notChecked(name, 'nothing could be written, so there is nothing to remove.')
    return
  }
  try {
    const removals = await store.remove(
      probes.map(({ key }) => key),
      signal,
    )
    const left = removals.filter(({ outcome }) => outcome !== 'removed')
    yield left.length === 0 ? passed(name, 'what the doctor wrote is removed.') : kept(left, deletes)
    if (left.length === 0) yield* removeVersions(store, probes, signal)
  } catch (error) {
    yield failedBy(name, error)
  }
}

function kept(left: readonly Removal[], deletes: boolean): Finding {
  const found = `refused (${reasonsOf(left)}); ${left.map(({ key }) => key).join(', ')} stay.`
  if (left.some(({ outcome }) => outcome === 'locked')) {
    return advice(
      'delete',
      `a lock holds new objects: ${found}`,
      'Right against attackers. prune removes what the lock lets go.',
    )
  }
  return deletes
    ? failed(
        'delete',
        found,
        'keep or retention-days ask for a prune: these keys need s3:DeleteObject on the bucket.',
      )
    : advice(
        'delete',
        found,
        'Right for the keys of backup; prune needs others. Give keep to this step to ask for the right.',
      )
}

/** A delete in a bucket with versions leaves them; ours are of no use to anybody. Speaks only where they stay. */
async function* removeVersions(
  store: Store,
  probes: readonly Probe[],
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  if (!['enabled', 'suspended'].includes(await store.versioning())) return
  const left: Removal[] = []
  for (const { key } of probes) {
    const [written, markers]: [ObjectVersion[], ObjectVersion[]] = [[], []]
    for await (const version of store.versions(key)) (version.size > 0 ? written : markers).push(version)
    const removals = await store.removeVersions(written, signal)
    const held = removals.filter(({ outcome }) => outcome !== 'removed')
    // Without its marker it would be there for everybody again.
    if (held.length === 0) await store.removeVersions(markers, signal)
    left.push(...held)
  }
  if (left.length === 0) return
  const found = `refused (${reasonsOf(left)}): what the doctor wrote is hidden by a marker, and stays.`
  yield left.some(({ outcome }) => outcome === 'locked')
    ? advice('delete versions', found, 'Right against attackers. It goes when the lock ends.')
    : advice(
        'delete versions',
        found,
        'Right for the keys of backup. A prune with delete-versions: true needs s3:DeleteObjectVersion.',
      )
}

function reasonsOf(left: readonly Removal[]): string {
  return [...new Set(left.map(({ reason, outcome }) => reason ?? outcome))].join('; ')
}

async function* body(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += MIB) {
    yield await Promise.resolve(bytes.subarray(start, start + MIB))
  }
}
