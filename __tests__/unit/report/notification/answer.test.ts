import { describe, expect, it } from '@jest/globals'
import { answerOf } from '../../../../src/report/notification/answer.ts'

const NOW = new Date('2026-11-22T02:15:00Z')

describe("A receiver's redirect", () => {
  const redirect = (url: string, location: string | undefined): ReturnType<typeof answerOf> =>
    answerOf(new Response(null, { status: 308, ...(location !== undefined && { headers: { location } }) }), {
      url: new URL(url),
      now: NOW,
    })

  it.each([
    ['https://a.example/x', '/y?z=1', 'https://a.example/y?z=1'],
    ['https://a.example/x', 'https://a.example:443/y', 'https://a.example/y'],
    ['https://u:p@a.example/x', 'https://a.example/y', 'https://u:p@a.example/y'],
    ['http://localhost:8080/x', 'https://localhost:8443/y', 'https://localhost:8443/y'],
  ])('from %s to %s is followed', async (from, location, to) => {
    expect(await redirect(from, location)).toEqual({ to: new URL(to) })
  })

  it.each([
    ['https://a.example/x', 'https://b.example/secret-of-b'],
    ['https://a.example/x', '//b.example/secret-of-b'],
    ['https://a.example/x', 'https://a.example.b.example/secret-of-b'],
    ['https://a.example/x', 'https://a.example@b.example/secret-of-b'],
    ['https://a.example/x', 'http://a.example/secret-of-b'],
    ['https://a.example/x', 'https://a.example:8443/secret-of-b'],
    ['https://a.example/x', 'file:///secret-of-b'],
    ['https://a.example/x', 'http://['],
    ['https://a.example/x', undefined],
  ])('from %s to %s is not, and nobody is told where to', async (from, location) => {
    const answer = await redirect(from, location)
    expect(answer).toMatchObject({ again: false, what: expect.stringContaining('redirect (308)') as unknown })
    expect(JSON.stringify(answer)).not.toContain('secret-of-b')
  })
})

describe("A receiver's refusal", () => {
  const refusal = (
    status: number,
    headers: Record<string, string> = {},
    body = '',
  ): ReturnType<typeof answerOf> =>
    answerOf(new Response(body, { status, headers }), { url: new URL('https://a.example/x'), now: NOW })

  it.each([408, 429, 500, 502, 503, 504])('of %i is worth another attempt', async (status) => {
    expect(await refusal(status)).toMatchObject({ again: true })
  })

  it.each([400, 401, 403, 404, 410])('of %i is final, and sends to the address', async (status) => {
    expect(await refusal(status)).toMatchObject({
      again: false,
      hint: expect.stringContaining('address') as unknown,
    })
  })

  it('is waited for as long as it asks for, in seconds or by a date, up to a limit', async () => {
    expect(await refusal(429, { 'retry-after': '1.5' })).toMatchObject({ again: true, notBeforeMs: 1_500 })
    expect(await refusal(503, { 'retry-after': 'Sun, 22 Nov 2026 02:15:09 GMT' })).toMatchObject({
      again: true,
      notBeforeMs: 9_000,
    })
    expect(await refusal(503, { 'retry-after': '3600' })).toMatchObject({ again: false })
    expect(await refusal(503, { 'retry-after': 'soon' })).toMatchObject({ again: true })
  })

  it('is quoted where it is short', async () => {
    expect(await refusal(400, {}, 'no_service\n')).toMatchObject({ what: 'answers 400: no_service' })
    expect(await refusal(400, {}, 'x'.repeat(300))).toMatchObject({ what: 'answers 400' })
  })
})
