import { createServer } from 'node:http'
import { listen } from '../../support/listen.ts'
import type { Radosgw } from '../../support/radosgw.ts'

/** GitHub's and AWS's parts of a role: a token for the job, and keys for the token. */
export interface AwsIdentity extends AsyncDisposable {
  /** What a runner with `id-token: write` has in its environment, and where AWS is. */
  readonly env: Readonly<Record<string, string>>
  /** Roles that were asked for with the token, in that order. */
  readonly roles: readonly string[]
}

const TOKEN = 'header.an-oidc-token-of-this-job.signature'

/** Answers as both would, with the keys of `store`; AWS's S3 is `store` then. */
export async function startAwsIdentity(store: Radosgw): Promise<AwsIdentity> {
  const roles: string[] = []
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ value: TOKEN }))
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const asked = new URLSearchParams(Buffer.concat(chunks).toString())
      if (asked.get('WebIdentityToken') === TOKEN) roles.push(asked.get('RoleArn') ?? '')
      response.statusCode = asked.get('WebIdentityToken') === TOKEN ? 200 : 400
      response.setHeader('content-type', 'text/xml')
      response.end(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${store.accessKeyId}</AccessKeyId>
        <SecretAccessKey>${store.secretAccessKey}</SecretAccessKey>
        <Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials>
        </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`)
    })
  })
  const url = `http://127.0.0.1:${await listen(server)}`
  return {
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'asks-for-the-token',
      AWS_ENDPOINT_URL_STS: url,
      AWS_ENDPOINT_URL_S3: store.endpoint,
    },
    roles,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
