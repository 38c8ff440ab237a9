import { isIP } from 'node:net'
import { advice, type Finding } from '../catalog/finding.ts'

/** Gives every address of a name; throws where nobody knows it. */
export type Resolve = (host: string) => Promise<readonly { readonly family: number }[]>

/** Hosted runners speak IPv4 only; whoever runs this on a machine with IPv6 would not notice. */
export async function* examineAddresses(host: string, resolve: Resolve): AsyncGenerator<Finding> {
  if (host.startsWith('/') || isIP(host) === 4) return
  // That nobody knows the name is told by whoever connects.
  const found = isIP(host) === 6 ? [{ family: 6 }] : await resolve(host).catch(() => [])
  if (found.length === 0 || found.some(({ family }) => family === 4)) return
  yield advice(
    'addresses',
    `${host} has IPv6 addresses only.`,
    'Hosted runners have no IPv6. On Supabase use the session pooler (port 5432), elsewhere an IPv4 address.',
  )
}
