import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types'

/** Who we are at the store. The keys themselves, or how to get them; never a silent fall from one to another. */
export type S3Identity =
  | {
      readonly kind: 'static'
      readonly accessKeyId: string
      readonly secretAccessKey: string
      /** Of a key that expires. */
      readonly sessionToken?: string
    }
  /** `token` gives a fresh OIDC token for `sts.amazonaws.com` each time. */
  | {
      readonly kind: 'role'
      readonly arn: string
      readonly region: string
      readonly token: () => Promise<string>
    }
  /** Whatever the SDK finds: environment, files, the instance's own role. */
  | { readonly kind: 'chain' }

/** The SDK asks again shortly before what it got expires, in the middle of an upload too. */
export async function s3Credentials(
  identity: S3Identity,
): Promise<AwsCredentialIdentity | AwsCredentialIdentityProvider> {
  switch (identity.kind) {
    case 'static':
      return staticKeys(identity)
    case 'chain': {
      const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
      return defaultProvider()
    }
    case 'role': {
      const { fromWebToken } = await import('@aws-sdk/credential-provider-web-identity')
      return async () =>
        fromWebToken({
          roleArn: identity.arn,
          roleSessionName: 'lifeboat',
          webIdentityToken: await identity.token(),
          clientConfig: { region: identity.region },
        })()
    }
  }
}

function staticKeys({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: Extract<S3Identity, { kind: 'static' }>): AwsCredentialIdentity {
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
}
