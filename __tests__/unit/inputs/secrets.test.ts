import { describe, expect, it } from '@jest/globals'
import { readSecrets } from '../../../src/inputs.ts'
import { maskingWarnings } from '../../../src/inputs/secrets.ts'

describe('secrets', () => {
  it('are the URL, its password as written and decoded, and the secret key', () => {
    const url = 'postgresql://backup:p%40ss%2Fword@db.example.com/shop'
    expect(new Set(readSecrets({ DATABASE_URL: url, R2_SECRET_ACCESS_KEY: 'secret-key-1' }))).toEqual(
      new Set([url, 'p%40ss%2Fword', 'p@ss/word', 'secret-key-1']),
    )
  })

  it('are found in input and environment, where only one of them holds', () => {
    const secrets = readSecrets({ 'INPUT_SECRET-ACCESS-KEY': 'typed-key', R2_SECRET_ACCESS_KEY: 'other-key' })
    expect(secrets).toEqual(expect.arrayContaining(['typed-key', 'other-key']))
  })

  it.each([
    ['postgresql://u:two@ats@h/d', ['two@ats']],
    ['postgresql://u:long@ats@h/d', ['long@ats', 'long']],
    ['postgresql://u@h/d?sslpassword=of-a-key', ['of-a-key']],
    ['postgresql://u:a/b#c@h/d', ['a/b#c']],
    ['postgresql://h/d?user=u&password=s%20ecret', ['s%20ecret', 's ecret']],
    ['host=h password=hunter22 dbname=d', ['hunter22']],
    ['postgresql://u:100%@h/d', ['100%']],
  ])('are found in a URL that cannot be read: %s', (url, passwords) => {
    expect(readSecrets({ DATABASE_URL: url })).toEqual(expect.arrayContaining(passwords))
  })

  it('are no piece of a password that is as short as a word', () => {
    expect(readSecrets({ DATABASE_URL: 'postgresql://u:db@long-rest@h/d' })).not.toContain('db')
    // As a whole it is warned of.
    expect(readSecrets({ DATABASE_URL: 'postgresql://u:%64b@h/d' })).toContain('db')
  })

  it('are also what the runner and the SDK keep in the environment, and a misplaced key of age', () => {
    const env = {
      AWS_SESSION_TOKEN: 'session-token',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      AGE_RECIPIENT: 'AGE-SECRET-KEY-1QQQQQQ',
    }
    expect(new Set(readSecrets(env))).toEqual(new Set(Object.values(env)))
  })

  it('come longest first, and none is empty', () => {
    const secrets = readSecrets({ DATABASE_URL: 'postgresql://u:@h/d', R2_SECRET_ACCESS_KEY: ' ' })
    expect(secrets).toEqual(['postgresql://u:@h/d'])
    const lengths = readSecrets({ DATABASE_URL: 'postgresql://u:pw@h/d', AWS_SESSION_TOKEN: 'abcdef' }).map(
      (each) => each.length,
    )
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a))
  })

  it('are warned of where masking them would eat outputs', () => {
    expect(maskingWarnings(['long-enough'], ['shop'])).toEqual([])
    expect(maskingWarnings(['pw'], ['pw'])).toEqual([expect.stringMatching(/masked nowhere/)])
    expect(maskingWarnings(['short'], ['db/'])[0]).toMatch(/fewer than 8 characters/)
    expect(maskingWarnings(['shopshop'], ['db/', 'shopshop'])[0]).toMatch(/drop the outputs/)
  })
})
