import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../../src/errors.ts'
import { parseIdentities } from '../../../../src/pipeline/age/identities.ts'
import { parseRecipients, recipientKind } from '../../../../src/pipeline/age/recipients.ts'

interface Pair {
  readonly secret: string
  readonly public: string
}
let classic: readonly [Pair, Pair]
let quantum: readonly [Pair, Pair]

async function pair(secret: string): Promise<Pair> {
  return { secret, public: await identityToRecipient(secret) }
}
beforeAll(async () => {
  classic = [await pair(await generateX25519Identity()), await pair(await generateX25519Identity())]
  quantum = [await pair(await generateHybridIdentity()), await pair(await generateHybridIdentity())]
})

function refusal(parse: () => unknown): LifeboatError {
  try {
    parse()
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'input') return error
    throw error
  }
  throw new Error('it was accepted')
}

function refused(text: string, parse: (text: string) => unknown = parseRecipients): string {
  const { message, hint } = refusal(() => parse(text))
  expect(hint).toBeDefined()
  return `${message} ${hint ?? ''}`
}

describe('recipients', () => {
  it('are read one or several, separated in any way, with comments', () => {
    const [a, b] = [classic[0].public, classic[1].public]
    for (const text of [
      `${a},${b}`,
      `${a} ${b}`,
      ` ${a}\n\n${b}\n`,
      `# ours\r\n${a}\r\n# theirs\r\n${b} # spare`,
    ]) {
      expect(parseRecipients(text)).toEqual([a, b])
    }
    expect(parseRecipients(quantum[0].public)).toEqual([quantum[0].public])
    expect(recipientKind(a)).toBe('X25519')
    expect(recipientKind(quantum[0].public)).toBe('mlkem768x25519')
  })

  it('that are named twice count once', () => {
    expect(parseRecipients(`${classic[0].public} ${classic[0].public}`)).toEqual([classic[0].public])
  })

  it('are refused where post-quantum and classic ones are mixed', () => {
    expect(refused(`${classic[0].public} ${quantum[0].public}`)).toContain('mixes post-quantum')
  })

  it('that are in truth secret keys are refused and never repeated', () => {
    for (const { secret } of [classic[0], quantum[0]]) {
      for (const text of [secret, secret.toLowerCase(), `${classic[1].public}\n${secret}`, `key=${secret}`]) {
        const said = refused(text)
        expect(said).toMatch(/secret key/)
        expect(said).toMatch(/make a new key/)
        expect(said.toUpperCase()).not.toContain(secret.slice(18, 40))
      }
    }
  })

  it('are refused, and never repeated, where they are something else altogether', () => {
    expect(refused('hunter2-is-my-passphrase')).not.toContain('hunter2')
    expect(refused('-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0')).not.toContain('c2VjcmV0')
  })

  it('of kinds that Lifeboat does not encrypt to are refused by name', () => {
    expect(refused('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH me@host')).toContain('entry 1 is an SSH key')
    expect(refused('age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t')).toContain(
      'plugin',
    )
    expect(refused('age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2xyl0xe')).toContain(
      'tag recipient',
    )
    expect(refused(classic[0].public.toUpperCase())).toContain('not in lower case')
  })

  it('are refused where they are mistyped, cut or absent', () => {
    const text = classic[0].public
    const other = text.at(20) === 'q' ? 'p' : 'q'
    expect(refused(`${classic[1].public}, ${text.slice(0, 20)}${other}${text.slice(21)}`)).toContain(
      'entry 2',
    )
    expect(refused(text.slice(0, -1))).toContain('mistyped or cut')
    expect(refused(quantum[0].public.slice(0, -5))).toContain('mistyped or cut')
    for (const nothing of ['', ' \n , ', '# only a comment'])
      expect(refused(nothing)).toContain('no recipient')
  })
})

describe('identities', () => {
  it('are read as age-keygen writes them, one or several', () => {
    const file = `# created: 2026-11-22T02:15:00Z\n# public key: ${classic[0].public}\n${classic[0].secret}\n`
    expect(parseIdentities(file)).toEqual([classic[0].secret])
    expect(parseIdentities(`${file}\n${quantum[0].secret}`)).toEqual([classic[0].secret, quantum[0].secret])
  })

  it('are refused without a word of what was given', () => {
    const { secret } = classic[0]
    const other = secret.at(-1) === 'Q' ? 'P' : 'Q'
    for (const text of [
      `${secret.slice(0, -1)}${other}`,
      secret.slice(0, -3),
      secret.toLowerCase(),
      `x${secret}`,
    ]) {
      const error = refusal(() => parseIdentities(text))
      expect(`${error.message} ${error.hint ?? ''}`.toUpperCase()).not.toContain(secret.slice(18, 40))
      expect(error.cause).toBeUndefined()
    }
  })

  it('are refused with the reason where they are recipients, plugins, SSH keys or encrypted files', () => {
    expect(refused(classic[0].public, parseIdentities)).toContain('public half')
    expect(refused('AGE-PLUGIN-YUBIKEY-1QYPQXPQ', parseIdentities)).toContain('plugin')
    expect(refused('-----BEGIN OPENSSH PRIVATE KEY-----\nx', parseIdentities)).toContain('SSH')
    expect(refused('-----BEGIN AGE ENCRYPTED FILE-----\nx', parseIdentities)).toContain(
      'encrypted identity file',
    )
    expect(refused('# nothing', parseIdentities)).toContain('no identity')
  })
})
