import type { Given } from './given.ts'
import type { Problems } from './problems.ts'
import type { StoreProfile } from '../storage/profile.ts'
import type { Credentials } from './request.ts'

const PAIR = ['access-key-id', 'secret-access-key'] as const
const VARIABLES = {
  'access-key-id': 'R2_ACCESS_KEY_ID',
  'secret-access-key': 'R2_SECRET_ACCESS_KEY',
} as const

/**
 * Whose keys are used, decided here once and never replaced silently: half a pair is an error, and only AWS,
 * with no key at all, is left to what the AWS SDK finds. Messages hold no key.
 */
export function readCredentials(
  given: Given,
  provider: StoreProfile['kind'],
  problems: Problems,
): Credentials | undefined {
  const [accessKeyId, secretAccessKey] = PAIR.map((name) => given.value(name))
  const role = given.value('role-to-assume')

  if (role !== undefined && provider !== 'aws') {
    problems.add('role-to-assume', 'is for AWS only. Remove it, or remove endpoint and r2-account-id.')
  }
  if (role !== undefined && (accessKeyId !== undefined || secretAccessKey !== undefined)) {
    const keys = PAIR.filter((name) => given.value(name) !== undefined).map((name) => given.label(name))
    problems.add('role-to-assume', `contradicts ${keys.join(' and ')}. Give the role or the keys.`)
    return undefined
  }
  if (role !== undefined) return readRole(role, problems)
  if (accessKeyId === undefined && secretAccessKey === undefined && provider === 'aws')
    return { kind: 'chain' }

  for (const name of PAIR.filter((each) => given.value(each) === undefined)) {
    const advice =
      provider === 'aws'
        ? 'Give both keys, or neither to use what the AWS SDK finds (a role, AWS_ACCESS_KEY_ID, …).'
        : `Put the store's key into a secret and hand it to this step: env: ${VARIABLES[name]}: \${{ secrets.${VARIABLES[name]} }}.`
    problems.add(name, `is missing or empty. ${advice}`)
  }
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  return checkPair(
    {
      id: { label: given.label('access-key-id'), value: accessKeyId },
      secret: { label: given.label('secret-access-key'), value: secretAccessKey },
      token: sessionToken(given, accessKeyId),
      instead: 'Hand the token to this step as AWS_SESSION_TOKEN in its environment, or use role-to-assume.',
    },
    problems,
  )
}

/**
 * The token that belongs to a key which expires. `AWS_SESSION_TOKEN` may be there for another key, of another step's
 * role: it is used where the environment names no other key, and never with one that does not expire (AKIA…).
 */
function sessionToken(given: Given, accessKeyId: string): NamedKey | undefined {
  const own = given.variable('R2_SESSION_TOKEN')
  if (own !== undefined) return { label: 'R2_SESSION_TOKEN', value: own }
  const value = given.variable('AWS_SESSION_TOKEN')
  const itsKey = given.variable('AWS_ACCESS_KEY_ID') ?? accessKeyId
  if (value === undefined || itsKey !== accessKeyId || accessKeyId.startsWith('AKIA')) return undefined
  return { label: 'AWS_SESSION_TOKEN', value }
}

/** A key, and what to call it where it is wrong. */
export interface NamedKey {
  readonly label: string
  readonly value: string
}

/**
 * Looks at a pair of keys, and at the token of one that expires: what is plainly none would end as a riddle of the
 * store's. `instead` says what to do with a temporary key without its token. Messages hold no key.
 */
export function checkPair(
  {
    id,
    secret,
    token,
    instead,
  }: {
    readonly id: NamedKey
    readonly secret: NamedKey
    readonly token: NamedKey | undefined
    readonly instead: string
  },
  problems: Problems,
): Credentials | undefined {
  const broken = [id, secret, ...(token ? [token] : [])].filter(({ value }) => !/^[\x21-\x7e]+$/.test(value))
  for (const { label } of broken) {
    problems.add(label, 'holds white space or a character that no key has. Copy the key again.')
  }
  if (id.value === secret.value) {
    problems.add(secret.label, `is the same as ${id.label}. Copy the secret key again.`)
    return undefined
  }
  if (id.value.startsWith('ASIA') && token === undefined) {
    problems.add(id.label, `is a temporary key of AWS, which works only with its session token. ${instead}`)
    return undefined
  }
  if (broken.length > 0) return undefined
  const keys = { kind: 'static', accessKeyId: id.value, secretAccessKey: secret.value } as const
  return token === undefined ? keys : { ...keys, sessionToken: token.value }
}

function readRole(role: string, problems: Problems): Credentials | undefined {
  if (/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(role)) return { kind: 'role', arn: role }
  problems.add('role-to-assume', 'is not the ARN of a role. Write arn:aws:iam::123456789012:role/backup.')
  return undefined
}
