import { failed, failedBy, notChecked, passed, type Examination, type Finding } from '../catalog/finding.ts'
import { LifeboatError } from '../errors.ts'
import { decrypt } from '../pipeline/age/decrypt.ts'
import { encrypt } from '../pipeline/age/encrypt.ts'

export interface Keys {
  /** Undefined where they are missing or wrong, which the inputs' own findings say. Empty: `none`. */
  readonly recipients: readonly string[] | undefined
  readonly identities: readonly string[]
}

const PROBE = Buffer.from('Lifeboat was here.\n')
const IDENTITY = 'identity opens what the recipients seal'

/** Whether what is encrypted here can be opened there. */
export function keysExamination(keys: Keys): Examination {
  return { area: 'Keys', examine: () => examine(keys) }
}

async function* examine({ recipients, identities }: Keys): AsyncGenerator<Finding> {
  if (recipients === undefined) {
    yield notChecked('recipients', 'age-recipients cannot be read: see the inputs above.')
    return
  }
  if (recipients.length === 0) {
    yield failed(
      'recipients',
      'age-recipients is none: whoever reads the bucket reads the backups.',
      'Make a key with `age-keygen -o key.txt` and give its public half, unless that is what you want.',
    )
    return
  }
  const sealed: Uint8Array[] = []
  try {
    for (const recipient of recipients) sealed.push(await through(PROBE, encrypt([recipient]).transform))
    await through(PROBE, encrypt(recipients).transform)
    yield passed('recipients', `${recipients.length} can be encrypted to.`)
  } catch (error) {
    yield failedBy('recipients', error)
    return
  }
  if (identities.length === 0) {
    yield notChecked(
      IDENTITY,
      'no age-identities is given.',
      'Right for the job that makes backups. Prove the key where it is kept: a restore-verify with it is the proof.',
    )
    return
  }
  yield* examineIdentities(sealed, identities)
}

async function* examineIdentities(
  sealed: readonly Uint8Array[],
  identities: readonly string[],
): AsyncGenerator<Finding> {
  const opened = await Promise.all(sealed.map((each) => opens(each, identities)))
  const count = opened.filter((each) => each).length
  const which = opened.flatMap((each, index) => (each ? [index + 1] : []))
  yield count > 0
    ? passed(IDENTITY, `it opens what is sealed to recipient ${which.join(', ')} of ${sealed.length}.`)
    : failed(
        IDENTITY,
        'age-identities opens nothing that is sealed to age-recipients.',
        'They are halves of different keys. `age-keygen -y key.txt` prints the public half of a secret key: give that one.',
      )
}

async function opens(sealed: Uint8Array, identities: readonly string[]): Promise<boolean> {
  try {
    return PROBE.equals(await through(sealed, decrypt(identities).transform))
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'identity') return false
    throw error
  }
}

async function through(
  bytes: Uint8Array,
  transform: (input: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of transform(once(bytes))) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}
