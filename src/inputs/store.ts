import { checkBucket, parseDirectory } from './bucket.ts'
import { readCredentials } from './credentials.ts'
import type { Endpoint } from './endpoint.ts'
import { parseEndpoint, parseR2Account } from './endpoint.ts'
import type { Given } from './given.ts'
import { storeProfile } from '../storage/profile.ts'
import type { StoreProfile } from '../storage/profile.ts'
import type { Problems } from './problems.ts'
import type { StoreRequest } from './request.ts'

/** What says which S3 service, and as whom; a directory has no use for it. */
const S3_INPUTS = [
  'region',
  'endpoint',
  'r2-account-id',
  'access-key-id',
  'secret-access-key',
  'role-to-assume',
] as const

export interface Remarks {
  readonly notices: string[]
  readonly warnings: string[]
}

/** Where backups go. Undefined when that cannot be told; `problems` then says why. */
export function readStore(given: Given, problems: Problems, remarks: Remarks): StoreRequest | undefined {
  const bucket = given.value('bucket')
  if (bucket === undefined) {
    problems.add(
      'bucket',
      'is missing. Name the bucket (bucket: shop-backups, or BACKUP_BUCKET in the environment), or a directory ' +
        '(bucket: file:///srv/backups).',
    )
  } else if (/^file:/i.test(bucket)) return readDirectory(bucket, given, problems)

  const endpoint = readEndpoint(given, problems, remarks)
  if (endpoint === 'unclear') return undefined
  const profile = endpoint?.profile ?? storeProfile(undefined)
  const region = readRegion(given, { profile, guessed: endpoint === undefined }, problems)
  const credentials = readCredentials(given, profile.kind, problems)
  if (bucket !== undefined) {
    problems.attempt(given.label('bucket'), () => {
      checkBucket(bucket, profile.kind)
    })
  }
  if (bucket === undefined || region === undefined || credentials === undefined) return undefined
  const address = endpoint === undefined ? {} : { endpoint: endpoint.url }
  return { kind: 's3', bucket, region, ...address, provider: profile.kind, credentials }
}

function readDirectory(bucket: string, given: Given, problems: Problems): StoreRequest | undefined {
  for (const name of S3_INPUTS.filter((each) => given.origin(each) === 'input')) {
    problems.add(name, 'has no meaning where bucket is a directory (file:///…). Remove one of the two.')
  }
  const path = problems.attempt(given.label('bucket'), () => parseDirectory(bucket))
  return path === undefined ? undefined : { kind: 'directory', path }
}

/**
 * An endpoint and an R2 account may both be there, as one often stands in the environment. Then they agree, or
 * the one said in the step holds, or, both from the environment, the endpoint.
 */
function readEndpoint(given: Given, problems: Problems, remarks: Remarks): Endpoint | undefined | 'unclear' {
  const [text, account] = [given.value('endpoint'), given.value('r2-account-id')]
  const [endpointLabel, accountLabel] = [given.label('endpoint'), given.label('r2-account-id')]
  const ofText = text === undefined ? undefined : problems.attempt(endpointLabel, () => parseEndpoint(text))
  const ofAccount =
    account === undefined ? undefined : problems.attempt(accountLabel, () => parseR2Account(account))
  if ((text !== undefined && !ofText) || (account !== undefined && !ofAccount)) return 'unclear'
  if (ofText?.exposed) {
    remarks.warnings.push(
      `${endpointLabel}: ${ofText.url} is not encrypted (http). Whoever is on the network between can read and ` +
        'change what is stored unless age does what https would. Use https:// where the store offers it.',
    )
  }
  if (!ofText || !ofAccount || ofText.url === ofAccount.url) return ofText ?? ofAccount

  const [textTyped, accountTyped] = [
    given.origin('endpoint') === 'input',
    given.origin('r2-account-id') === 'input',
  ]
  if (textTyped && accountTyped) {
    problems.add('endpoint', `is not that of r2-account-id (${ofAccount.url}). Remove one of the two.`)
    return 'unclear'
  }
  const chosen = accountTyped ? ofAccount : ofText
  remarks.notices.push(
    accountTyped
      ? `${accountLabel} holds; ${endpointLabel} leads elsewhere and plays no part.`
      : `${endpointLabel} holds; ${accountLabel} is another place and plays no part.`,
  )
  return chosen
}

/** `auto` is what the store's profile says; on AWS only an endpoint tells more than nothing. */
function readRegion(
  given: Given,
  { profile, guessed }: { profile: StoreProfile; guessed: boolean },
  problems: Problems,
): string | undefined {
  const region = given.value('region') ?? 'auto'
  if (region === 'auto' && guessed) {
    problems.add(
      'region',
      'is missing. Neither endpoint nor r2-account-id is given, so the bucket is on AWS: say its region ' +
        '(region: eu-central-1). If it is on R2, r2-account-id (or R2_ACCOUNT_ID) is empty: look whether the ' +
        'variable exists.',
    )
    return undefined
  }
  if (!/^[A-Za-z0-9-]{1,64}$/.test(region)) {
    problems.add(
      given.label('region'),
      'is no name of a region. Write for example eu-central-1, or auto for R2.',
    )
    return undefined
  }
  return region === 'auto' ? profile.region : region
}
