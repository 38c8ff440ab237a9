import { join } from 'node:path'
import type { Artifact } from '../catalog/manifest.ts'
import type { Log } from '../catalog/ports.ts'
import { readWhole } from '../pipeline/read-whole.ts'
import type { ByteStream } from '../pipeline/stage.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { fileBytes, judged, plainBytes, type Opening } from './open-artifact.ts'
import { streamRecorded, useRecorded, type Recorded } from './recorded-bytes.ts'
import { readTwice, sha256Of } from './second-reading.ts'

/** An age header fits in it. */
const BEGINNING_BYTES = 2 ** 20

/**
 * The stored bytes of a backup's artifacts after they were seen to be as recorded: on the disk, where they were hashed, or
 * in the store, where each reading may bring others.
 */
export interface StoredArtifacts {
  /** As they come; whoever reads them judges nothing by them. */
  bytes(artifact: Artifact): AsyncIterable<Uint8Array>
  /** Opened and unpacked, while they come. Throws `damaged` only where they came as recorded. */
  plain(artifact: Artifact, opening: Opening): ByteStream
  /** What `work` makes of them; where they came otherwise than recorded, of a second reading. */
  use<T>(artifact: Artifact, work: (bytes: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T>
  /** What `look` makes of the first of them; as `use`. */
  beginning<T>(artifact: Artifact, look: (bytes: Buffer) => Promise<T>): Promise<T>
}

/** `place` is the folder into which they were fetched; undefined where they are read from the store each time. */
export function storedArtifacts(
  { store, folder, log }: { readonly store: ObjectStore; readonly folder: string; readonly log: Log },
  place: string | undefined,
): StoredArtifacts {
  const opened = (artifact: Artifact, bytes: AsyncIterable<Uint8Array>, opening: Opening): ByteStream =>
    judged(artifact, plainBytes(artifact, bytes, opening))
  if (place !== undefined) {
    const bytes = ({ file }: Artifact): AsyncIterable<Uint8Array> => fileBytes(join(place, file))
    return {
      bytes,
      plain: (artifact, opening) => opened(artifact, bytes(artifact), opening),
      use: (artifact, work) => work(bytes(artifact)),
      beginning: async ({ file }, look) =>
        await look(await firstBytes(fileBytes(join(place, file), BEGINNING_BYTES), file)),
    }
  }
  const recorded = ({ file, sha256 }: Artifact): Recorded => ({ key: `${folder}${file}`, sha256 })
  const bytes = ({ file }: Artifact): AsyncIterable<Uint8Array> => store.read(`${folder}${file}`)
  return {
    bytes,
    plain: (artifact, opening) =>
      streamRecorded(recorded(artifact), bytes(artifact), (as) => opened(artifact, as, opening)),
    use: (artifact, work) =>
      readTwice(
        { key: recorded(artifact).key, bytes: artifact.bytes, log },
        ({ fresh }) => {
          const again = store.read(recorded(artifact).key, undefined, { fresh })
          return useRecorded(recorded(artifact), again, work)
        },
        // What is said of bytes as they were recorded is no matter of the way.
        () => false,
      ),
    beginning: (artifact, look) => {
      const { key } = recorded(artifact)
      const end = Math.min(artifact.bytes, BEGINNING_BYTES)
      return readTwice({ key, bytes: end, log }, async ({ fresh, saw }) => {
        const first = await firstBytes(store.read(key, { start: 0, end }, { fresh }), key)
        saw(sha256Of(first))
        return await look(first)
      })
    },
  }
}

function firstBytes(bytes: AsyncIterable<Uint8Array>, what: string): Promise<Buffer> {
  return readWhole(bytes, { what, most: BEGINNING_BYTES })
}
