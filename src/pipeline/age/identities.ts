import { Decrypter } from 'age-encryption'
import { LifeboatError } from '../../errors.ts'
import { entriesOf } from './entries.ts'

const HINT = 'An identity is the line of key.txt that begins with AGE-SECRET-KEY-1 or AGE-SECRET-KEY-PQ-1.'

/**
 * Reads age identities (secret keys) as an identity file has them: `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`,
 * one or several, with `#` comments. Throws `input`, without a word of what was given.
 */
export function parseIdentities(text: string): readonly string[] {
  refuseFiles(text)
  const identities = [...new Set(entriesOf(text).map(checked))]
  if (identities.length === 0) throw new LifeboatError('input', 'holds no identity.', { hint: HINT })
  return identities
}

function refuseFiles(text: string): void {
  if (/BEGIN AGE ENCRYPTED FILE|age-encryption\.org\/v1/.test(text)) {
    throw new LifeboatError('input', 'is an encrypted identity file.', {
      hint: 'Nobody is there to type its passphrase: decrypt it (`age -d`) and store the key itself as a secret.',
    })
  }
  if (/BEGIN [A-Z ]*PRIVATE KEY/.test(text)) {
    throw new LifeboatError('input', 'is an SSH or PEM private key.', { hint: HINT })
  }
}

function checked(entry: string, index: number): string {
  const refuse = (message: string, hint = HINT): never => {
    throw new LifeboatError('input', `entry ${index + 1} ${message}`, { hint })
  }
  if (/^age1/i.test(entry)) refuse('is a recipient, the public half of a key: it opens nothing.')
  if (/^AGE-PLUGIN-/i.test(entry)) refuse('needs an age plugin, which Lifeboat does not use.')
  if (!/^AGE-SECRET-KEY-(PQ-)?1/i.test(entry)) refuse('is no age identity.')
  if (entry !== entry.toUpperCase()) refuse('is not in upper case.', 'Copy the line as age-keygen prints it.')
  try {
    new Decrypter().addIdentity(entry)
  } catch {
    // The library's message holds the key.
    refuse('is mistyped or cut: its checksum fails.', 'Copy the whole line from key.txt again.')
  }
  return entry
}
