import type { S3ClientConfig } from '@aws-sdk/client-s3'
import type { UploadJournal } from '../object-store.ts'
import type { StoreProfile } from '../profile.ts'

export interface S3StoreOptions {
  readonly bucket: string
  /** `https://…`; absent for AWS. `r2Endpoint` in `profile.ts` builds R2's. */
  readonly endpoint?: string
  /** Absent: what the profile says (`auto` on R2). */
  readonly region?: string
  /**
   * Keys, or a provider that is asked again when they are about to expire. The store itself never looks for an
   * identity: neither in the environment nor in files.
   */
  readonly credentials: NonNullable<S3ClientConfig['credentials']>
  readonly journal?: UploadJournal
  /** Ends every request, pause and body that is not of a write, which has a signal of its own. */
  readonly signal?: AbortSignal
  /** Overrides what `storeProfile(endpoint)` says. */
  readonly profile?: StoreProfile
  /** Bytes in one part, where the user wants another size than `planParts` picks. */
  readonly partBytes?: number
  /** How often a request is tried again. The default of 11 outlasts 30 seconds of 429, 500 and 503. */
  readonly retries?: number
  /** A connection on which nothing moves for this many milliseconds is given up (and tried again). 2 minutes. */
  readonly idleMs?: number
  /** Names one write, so that its object is known again; `randomUUID` unless a test wants otherwise. */
  readonly nonce?: () => string
}
