import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import { systemClock } from '../../../src/catalog/ports.ts'
import type { HttpExpectation } from '../../../src/catalog/expectations.ts'
import { checkHttp } from '../../../src/proof/http-check.ts'

describe('an acceptance check', () => {
  let server: Server
  let origin = ''

  beforeAll(async () => {
    server = createServer((request, response) => {
      switch (request.url ?? '') {
        case '/shop?key=s3cr3t':
        case '/shop':
          response.end('<h1>Add to cart</h1>')
          return
        case '/moved':
          response.writeHead(302, { location: '/shop' }).end()
          return
        case '/elsewhere':
          response.writeHead(302, { location: 'https://parking.example.com/' }).end()
          return
        case '/round':
          response.writeHead(302, { location: '/round' }).end()
          return
        case '/hang':
          return
        case '/endless': {
          const piece = 'x'.repeat(65_536)
          const more = (): void => {
            while (response.write(piece));
            response.once('drain', more)
          }
          more()
          return
        }
        default:
          response.writeHead(500).end('broken')
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    origin = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const check = (path: string, more: Partial<HttpExpectation> = {}, signal = new AbortController().signal) =>
    checkHttp(
      { name: 'the shop', url: `${origin}${path}`, status: 200, timeoutMs: 30_000, line: 1, ...more },
      { clock: systemClock, signal },
    )

  it('passes where status, text and time are as expected, and shows no query', async () => {
    const result = await check('/shop?key=s3cr3t', { contains: 'Add to cart', atMostMs: 30_000 })
    expect(result).toMatchObject({ outcome: 'passed', what: `the shop (${origin}/shop)` })
    expect(result.summary).toMatch(/^answered 200 after \d+ ms$/)
  })

  it('follows a redirect on the same host, or takes it for the answer where it is expected', async () => {
    expect(await check('/moved', { contains: 'cart' })).toMatchObject({ outcome: 'passed' })
    expect(await check('/moved', { status: 302 })).toMatchObject({ outcome: 'passed' })
  })

  it.each([
    ['/down', {}, 'answered 500 instead of 200'],
    ['/shop', { contains: 'Checkout' }, 'the expected text is not in the answer'],
    ['/shop', { atMostMs: 0.001 }, /^took \d+ ms, at most 0\.001 ms are expected$/],
    ['/elsewhere', {}, 'redirects to parking.example.com: name the address that answers in the end'],
    ['/round', {}, 'redirects more than 5 times'],
    ['/hang', { timeoutMs: 200 }, 'no complete answer within 0.2 s'],
    ['/endless', { contains: 'Add to cart' }, 'the expected text is not in the answer'],
  ] as const)('fails at %s with %j', async (path, more, summary) => {
    const result = await check(path, more)
    expect(result.outcome).toBe('failed')
    expect(result.summary).toEqual(typeof summary === 'string' ? summary : expect.stringMatching(summary))
  })

  it('fails where nobody answers, and says why', async () => {
    // Port 1 is one that fetch does not even try.
    const result = await check('', { url: 'http://127.0.0.1:2/' })
    expect(result).toMatchObject({ outcome: 'failed' })
    expect(result.summary).toMatch(/^no answer: .*ECONNREFUSED/)
  })

  it('ends with the run', async () => {
    const stop = new AbortController()
    const waiting = check('/hang', {}, stop.signal)
    stop.abort(new Error('cancelled'))
    await expect(waiting).rejects.toThrow('cancelled')
  })
})
