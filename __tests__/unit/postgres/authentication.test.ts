import { describe, expect, it } from '@jest/globals'
import { authenticationJudge, parseRequireAuth, type Demands } from '../../../src/postgres/authentication.ts'

const DEMANDS: Demands = { methods: undefined, channelBinding: undefined, encrypted: true, hasPassword: true }
const sasl = (...mechanisms: string[]) => ({ name: 'authenticationSASL', mechanisms })
const OK = { name: 'authenticationOk' }
const FINAL = { name: 'authenticationSASLFinal' }

describe('parseRequireAuth', () => {
  it.each([
    ['scram-sha-256', ['scram-sha-256']],
    ['password, md5', ['password', 'md5']],
    ['!password,!md5', ['scram-sha-256', 'none']],
    ['!gss', ['password', 'md5', 'scram-sha-256', 'none']],
    ['scram-sha-256,gss', ['scram-sha-256']],
  ])('reads %s', (text, methods) => {
    expect([...parseRequireAuth(text)]).toEqual(methods)
  })
})

describe('authenticationJudge', () => {
  it('lets an ordinary server ask for what it wants', () => {
    for (const name of ['authenticationCleartextPassword', 'authenticationMD5Password'])
      expect(authenticationJudge(DEMANDS)({ name })).toBeUndefined()
    const judge = authenticationJudge(DEMANDS)
    expect([judge(sasl('SCRAM-SHA-256')), judge(FINAL), judge(OK)]).toEqual([undefined, undefined, undefined])
  })

  it('wants the end of SCRAM', () => {
    const judge = authenticationJudge(DEMANDS)
    expect([judge(sasl('SCRAM-SHA-256')), judge(OK)]).toEqual([undefined, expect.stringContaining('prove')])
  })

  it.each([
    [{ channelBinding: 'require' as const }, sasl('SCRAM-SHA-256')],
    [{ channelBinding: 'require' as const, encrypted: false }, sasl('SCRAM-SHA-256-PLUS')],
    [{ channelBinding: 'require' as const }, { name: 'authenticationMD5Password' }],
    [{ channelBinding: 'require' as const }, OK],
    [{ methods: parseRequireAuth('md5') }, OK],
    [{ methods: parseRequireAuth('none') }, sasl('SCRAM-SHA-256')],
    [{ hasPassword: false }, { name: 'authenticationCleartextPassword' }],
  ])('refuses what %j does not allow: %j', (demand, message) => {
    expect(authenticationJudge({ ...DEMANDS, ...demand })(message)).toMatch(/\w/)
  })

  it('takes a channel that is bound', () => {
    const judge = authenticationJudge({ ...DEMANDS, channelBinding: 'require' })
    const messages = [sasl('SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'), FINAL, OK]
    expect(messages.map(judge)).toEqual([undefined, undefined, undefined])
  })
})
