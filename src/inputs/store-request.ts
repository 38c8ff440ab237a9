import type { StoreProfile } from '../storage/profile.ts'

/** Where backups are kept: complete, and checked. */
export type StoreRequest = S3Request | DirectoryRequest

export interface S3Request {
  readonly kind: 's3'
  readonly bucket: string
  /** Of AWS, or what the store's profile says; never empty. */
  readonly region: string
  /** An origin, without a trailing `/`; absent: AWS's own for the region. */
  readonly endpoint?: string
  /** Whose service answers, as `storeProfile(endpoint)` says. */
  readonly provider: StoreProfile['kind']
  readonly credentials: Credentials
}

export type Credentials =
  | {
      readonly kind: 'static'
      readonly accessKeyId: string
      readonly secretAccessKey: string
      /** Of a key that expires. */
      readonly sessionToken?: string
    }
  /** A role for which the run's OIDC token is exchanged. */
  | { readonly kind: 'role'; readonly arn: string }
  /** Whatever the AWS SDK finds by itself: environment, profile, instance. */
  | { readonly kind: 'chain' }

export interface DirectoryRequest {
  readonly kind: 'directory'
  /** Absolute. */
  readonly path: string
}
