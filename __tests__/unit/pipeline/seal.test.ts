import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { seal } from '../../../src/pipeline/seal.ts'
import { errorOf, through } from './support/stages.ts'

describe('a seal', () => {
  it('tells bytes and SHA-256 of what passed, which it leaves as it was', async () => {
    const sealed = seal()
    expect((await through(sealed.stage, Buffer.from('life'), Buffer.from('boat'))).toString()).toBe(
      'lifeboat',
    )
    const sha256 = createHash('sha256').update('lifeboat').digest('hex')
    expect(sealed.result()).toEqual({ bytes: 8, sha256 })
  })

  it('tells nothing before the end, and seals once only', async () => {
    const sealed = seal()
    expect(() => sealed.result()).toThrow('has not ended')
    await through(sealed.stage, Buffer.from('x'))
    expect(await errorOf(() => through(sealed.stage))).toMatchObject({
      message: 'a seal is for one flow only',
    })
  })
})
