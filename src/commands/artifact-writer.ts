import type { ArtifactRole } from '../catalog/manifest.ts'
import { encodeName } from '../catalog/names.ts'
import type { ArtifactWriter } from '../catalog/source.ts'
import { encrypt } from '../pipeline/age/encrypt.ts'
import { compress, suffixOf, type Compression } from '../pipeline/compression.ts'
import { flow } from '../pipeline/flow.ts'
import { seal, type Seal } from '../pipeline/seal.ts'
import type { Stage } from '../pipeline/stage.ts'
import type { ObjectStore } from '../storage/object-store.ts'

const SUFFIX: Readonly<Record<ArtifactRole, string>> = {
  dump: '.dump',
  globals: '.globals.sql',
  contents: '.contents.json',
}

/** Told how an artifact grows. */
export interface ArtifactProgress {
  /** Bytes so far: before compression, and acknowledged by the store. */
  update(bytes: { readonly plain?: number; readonly stored?: number }): void
  /** No more will come, whether it ended well or not. */
  end(): void
}

export interface ArtifactWriterOptions {
  readonly store: ObjectStore
  /** The backup's folder, ending in `/`. */
  readonly folder: string
  /** The backup's name. */
  readonly name: string
  readonly compression: Compression
  /** Public age recipients; none: not encrypted. */
  readonly recipients: readonly string[]
  readonly stallMs: number
  readonly progress: (role: ArtifactRole, sourceBytes: number) => ArtifactProgress
}

/** Plain bytes → count → compression → age → hash → store, all at once. */
export function artifactWriter(options: ArtifactWriterOptions): ArtifactWriter {
  const { store, folder, name, compression, recipients, stallMs } = options
  return async ({ role, open, encode = [], sourceBytes }, signal) => {
    const file = `${encodeName(name)}${SUFFIX[role]}${suffixOf(compression)}${recipients.length > 0 ? '.age' : ''}`
    const progress = options.progress(role, sourceBytes)
    let plainBytes = 0
    let sealed: Seal | undefined
    const body = (): AsyncIterable<Uint8Array> => {
      const count = (bytes: number): void => {
        plainBytes = bytes
        progress.update({ plain: bytes })
      }
      sealed = seal()
      const stages: Stage[] = [
        ...encode,
        { kind: 'count', label: role, report: count },
        ...compress(compression),
        ...(recipients.length > 0 ? [encrypt(recipients)] : []),
        sealed.stage,
      ]
      return flow(open(), stages, { signal, stallMs })
    }
    try {
      await store.write(`${folder}${file}`, body, {
        expectedBytes: expectedBytes(sourceBytes, compression),
        signal,
        onProgress: (stored) => progress.update({ stored }),
      })
    } finally {
      progress.end()
    }
    if (!sealed) throw new Error(`${file} was stored without having been read`)
    const { bytes, sha256 } = sealed.result()
    return {
      role,
      file,
      bytes,
      sha256,
      plainBytes,
      compression: compression.text,
      recipients: [...recipients],
    }
  }
}

/**
 * What the stored object can grow to. `pg_database_size()` is no upper bound of a dump: the server compresses wide
 * values (19 MB of JSON became 1,000 MB), and a dump's text forms are longer than rows.
 */
export function expectedBytes(sourceBytes: number, { format }: Compression): number {
  return sourceBytes * (format === 'none' ? 16 : 4)
}
