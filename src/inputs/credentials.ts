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
      instead:
        'Leave both key inputs empty and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the ' +
        'environment, or use role-to-assume.',
    },
    problems,
  )
}

/** A key, and what to call it where it is wrong. */
export interface NamedKey {
  readonly label: string
  readonly value: string
}

/**
 * Looks at a pair of keys: what is plainly none would end as a riddle of the store's. `instead` says what to do with a
 * temporary key. Messages hold no key.
 */
export function checkPair(
  { id, secret, instead }: { readonly id: NamedKey; readonly secret: NamedKey; readonly instead: string },
  problems: Problems,
): Credentials | undefined {
  const broken = [id, secret].filter(({ value }) => !/^[\x21-\x7e]+$/.test(value))
  for (const { label } of broken) {
    problems.add(label, 'holds white space or a character that no key has. Copy the key again.')
  }
  if (id.value === secret.value) {
    problems.add(secret.label, `is the same as ${id.label}. Copy the secret key again.`)
    return undefined
  }
  if (id.value.startsWith('ASIA')) {
    problems.add(id.label, `is a temporary key of AWS, which works only with its session token. ${instead}`)
    return undefined
  }
  return broken.length > 0
    ? undefined
    : { kind: 'static', accessKeyId: id.value, secretAccessKey: secret.value }
}

function readRole(role: string, problems: Problems): Credentials | undefined {
  if (/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(role)) return { kind: 'role', arn: role }
  problems.add('role-to-assume', 'is not the ARN of a role. Write arn:aws:iam::123456789012:role/backup.')
  return undefined
}
