import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Keys {
  readonly recipient: string
  readonly identityFile: string
}

/** A new key pair; the identity goes to `key.txt`, readable by its owner only. */
export async function makeKeys(folder: string): Promise<Keys> {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  const identityFile = join(folder, 'key.txt')
  await writeFile(identityFile, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600 })
  return { recipient, identityFile }
}
