import { Encrypter } from 'age-encryption'
import { LifeboatError } from '../../errors.ts'
import { entriesOf } from './entries.ts'

/** What a recipient's stanza in a header is called. */
export type RecipientKind = 'X25519' | 'mlkem768x25519'

/** As many as a reader of untrusted bytes takes: each is tried with each identity, which takes a millisecond. */
export const MOST_RECIPIENTS = 400

const PLAIN_HINT = 'Make a key with `age-keygen -o key.txt` and give the line that begins with age1.'

/**
 * Reads age recipients (public keys) as a recipients file has them, or separated by commas or spaces: `age1…`
 * (X25519) or `age1pq1…` (post-quantum hybrid), not both. One that is named twice counts once. Throws `input`;
 * an entry that may be a secret is never repeated.
 */
export function parseRecipients(text: string): readonly string[] {
  const recipients = [...new Set(entriesOf(text).map(checked))]
  if (recipients.length === 0) throw new LifeboatError('input', 'holds no recipient.', { hint: PLAIN_HINT })
  if (recipients.length > MOST_RECIPIENTS) {
    throw new LifeboatError(
      'input',
      `holds ${recipients.length} recipients; at most ${MOST_RECIPIENTS} are read again.`,
      {
        hint: 'Give the keys of those who restore. A group shares one key, kept where the group is kept.',
      },
    )
  }
  if (new Set(recipients.map(recipientKind)).size > 1) {
    throw new LifeboatError('input', 'mixes post-quantum recipients (age1pq1…) with classic ones (age1…).', {
      hint:
        'The classic ones would undo what the others protect against. Use one kind; ' +
        '`age-keygen -pq -o key.txt` (age 1.3 or later) makes post-quantum keys.',
    })
  }
  return recipients
}

/** `recipient` as `parseRecipients` gives it. */
export function recipientKind(recipient: string): RecipientKind {
  return recipient.startsWith('age1pq1') ? 'mlkem768x25519' : 'X25519'
}

function checked(entry: string, index: number): string {
  const place = `entry ${index + 1}`
  refuseOtherKinds(entry, place)
  try {
    new Encrypter().addRecipient(entry)
  } catch {
    // The library's message may hold the whole entry.
    throw new LifeboatError(
      'input',
      `${place} (${entry.slice(0, 12)}…) is mistyped or cut: its checksum fails.`,
      {
        hint: 'Copy the whole line again: `age-keygen -y key.txt` prints it.',
      },
    )
  }
  return entry
}

function refuseOtherKinds(entry: string, place: string): void {
  const refuse = (message: string, hint: string): never => {
    throw new LifeboatError('input', `${place} ${message}`, { hint })
  }
  if (/AGE-(SECRET-KEY|PLUGIN)-/i.test(entry)) {
    refuse(
      'is an identity, that is a secret key, where a public recipient belongs.',
      'Give the line that begins with age1 (`age-keygen -y key.txt` prints it). If this setting is a variable, or ' +
        'was ever logged or committed, the secret key is no longer one: make a new key.',
    )
  }
  if (/^(ssh-|ecdsa-|sk-)/.test(entry))
    refuse('is an SSH key, which Lifeboat does not encrypt to.', PLAIN_HINT)
  if (/^-----BEGIN/.test(entry)) refuse('is a PEM block, perhaps a private key.', PLAIN_HINT)
  if (!/^age1/i.test(entry)) {
    refuse('is no age recipient: those begin with age1.', `${PLAIN_HINT} Passphrases cannot be used.`)
  }
  if (entry !== entry.toLowerCase()) refuse('is not in lower case.', 'Copy the line as age-keygen prints it.')
  // Bech32: what stands before the last 1 names the kind, and no later character is a 1.
  const kind = entry.slice(0, entry.lastIndexOf('1'))
  if (kind === 'age' || kind === 'age1pq') return
  if (kind === 'age1tag' || kind === 'age1tagpq') {
    refuse('is a tag recipient of a hardware key, which Lifeboat does not encrypt to.', PLAIN_HINT)
  }
  refuse('is a recipient of an age plugin (or mistyped), which Lifeboat does not encrypt to.', PLAIN_HINT)
}
