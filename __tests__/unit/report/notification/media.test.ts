import { describe, expect, it } from '@jest/globals'
import type { Outcome } from '../../../../src/catalog/outcome.ts'
import { endAddress, endMessage, startAddress } from '../../../../src/report/notification/heartbeat.ts'
import { isTold, webhookMessage, type Medium } from '../../../../src/report/notification/webhook.ts'

const HOSTILE =
  '<!channel> <@U123> @everyone <https://evil.example|click> [click](https://evil.example) *b* _i_ ~s~ `c` ||s|| {{DATE(x)}} ${x} <at>a</at> # h'

function outcome(overrides: Partial<Outcome> = {}): Outcome {
  return {
    command: 'backup',
    source: 'postgres',
    result: 'failure',
    started: new Date('2026-11-22T02:15:00Z'),
    seconds: 75.2,
    failure: { code: 'connection', message: HOSTILE, hint: HOSTILE },
    warnings: [HOSTILE],
    figures: { name: HOSTILE.slice(0, 60), bytes: '123', backups: '[{"name":"x"}]' },
    run: { repository: 'acme/shop', run: '7', server: 'https://github.com', workflow: HOSTILE },
    ...overrides,
  }
}

const { failure: _failure, ...ended } = outcome()
const success: Outcome = { ...ended, result: 'success', warnings: [] }

/** Every string that stands anywhere in a message's body. */
function textsIn(medium: Medium, of: Outcome): string[] {
  const texts: string[] = []
  JSON.parse(webhookMessage(medium, of).body, (_key, value: unknown) => {
    if (typeof value === 'string') texts.push(value)
    return value
  })
  return texts
}

describe('a message to Slack', () => {
  it('has no link, mention or formatting but the link to the run', () => {
    const body = JSON.parse(webhookMessage('slack', outcome()).body) as {
      text: string
      mrkdwn: boolean
      blocks: { text: { type: string; text: string; emoji?: boolean } }[]
    }
    expect(body.mrkdwn).toBe(false)
    expect(body.text).toBe('❌ Lifeboat: backup FAILED in acme/shop')
    const formatted = body.blocks.filter(({ text }) => text.type !== 'plain_text')
    expect(formatted.map(({ text }) => text.text)).toEqual([
      '<https://github.com/acme/shop/actions/runs/7|Look at the run>',
    ])
    for (const { text } of body.blocks.filter((each) => !formatted.includes(each))) {
      expect(text.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
      expect(text.emoji).toBe(false)
    }
  })

  it('keeps to its limits however long the text', () => {
    const long = outcome({ failure: { code: 'store', message: '&'.repeat(20_000) } })
    for (const text of textsIn('slack', long)) expect(text.length).toBeLessThanOrEqual(3_000)
  })
})

describe('a message to Discord', () => {
  it('mentions nobody and has no Markdown', () => {
    const body = JSON.parse(webhookMessage('discord', outcome()).body) as {
      allowed_mentions: unknown
      embeds: { title: string; description: string; fields: { value: string }[] }[]
    }
    expect(body.allowed_mentions).toEqual({ parse: [] })
    const [embed] = body.embeds
    const foreign = [embed?.title, embed?.description, ...(embed?.fields ?? []).map(({ value }) => value)]
    for (const text of foreign) expect(text).not.toMatch(/(?<!\\)[*_~`|<>[\]()@#:]/)
    expect(embed?.description).toContain('\\@everyone')
  })

  it('keeps to its limits, and no backslash swallows the end', () => {
    const figures = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`f${index}`, '*'.repeat(99)]),
    )
    const failure = { code: 'store', message: '*'.repeat(20_000), hint: '_'.repeat(9_000) } as const
    const long = outcome({ failure, figures })
    const sum = textsIn('discord', long).reduce((length, text) => length + text.length, 0)
    expect(sum).toBeLessThan(6_000)
    for (const text of textsIn('discord', long)) expect(text).not.toMatch(/(?<!\\)(\\\\)*\\…$/)
  })
})

describe('a message to Teams', () => {
  it('is a card whose foreign text stands in rich text, without functions', () => {
    const { body } = webhookMessage('teams', outcome())
    const message = JSON.parse(body) as {
      attachments: { contentType: string; content: { body: { type: string }[] } }[]
    }
    const [card] = message.attachments
    expect(card?.contentType).toBe('application/vnd.microsoft.card.adaptive')
    expect(new Set(card?.content.body.map(({ type }) => type))).toEqual(new Set(['RichTextBlock']))
    expect(textsIn('teams', outcome()).join('\n')).not.toMatch(/\{\{|\}\}/)
  })

  it('keeps below the 28 KB that Teams takes', () => {
    const message = '漢'.repeat(30_000)
    const warnings = Array.from({ length: 9 }, () => message)
    const long = outcome({ failure: { code: 'store', message, hint: message }, warnings })
    expect(Buffer.byteLength(webhookMessage('teams', long).body)).toBeLessThan(28_000)
  })
})

describe('plain JSON', () => {
  it('holds the outcome, without outputs that are lists of everything', () => {
    const figures = { bytes: '123', backups: `[${'1,'.repeat(2_000)}1]` }
    expect(JSON.parse(webhookMessage('json', outcome({ figures })).body)).toMatchObject({
      version: 1,
      title: 'Lifeboat: backup FAILED in acme/shop',
      result: 'failure',
      seconds: 75.2,
      outputs: { bytes: '123' },
    })
    expect(textsIn('json', outcome({ figures })).join()).not.toContain('1,1,')
  })
})

describe('who is told', () => {
  it.each<[string, Medium, Outcome, boolean]>([
    ['people of a failure', 'slack', outcome(), true],
    ['people of a cancel', 'teams', outcome({ result: 'cancelled' }), true],
    ['people of warnings', 'slack', { ...success, warnings: ['smaller'] }, true],
    ['people of what they wait for', 'slack', { ...success, command: 'restore' }, true],
    ['nobody of what is as usual', 'discord', success, false],
    ['programs of everything', 'json', success, true],
  ])('%s', (_what, medium, of, told) => {
    expect(isTold(medium, of)).toBe(told)
  })
})

describe('a heartbeat', () => {
  it.each([
    ['https://hc.example.com/ping/1', '/ping/1/start', '/ping/1/fail'],
    ['https://hc.example.com/ping/1/?rid=a&x=%2F', '/ping/1/start?rid=a&x=%2F', '/ping/1/fail?rid=a&x=%2F'],
    ['https://hc.example.com', '/start', '/fail'],
  ])('is told behind the path of %s', (text, start, fail) => {
    const url = new URL(text)
    const tail = ({ pathname, search }: URL): string => pathname + search
    expect(tail(startAddress(url))).toBe(start)
    expect(tail(endAddress(url, { result: 'failure' }))).toBe(fail)
    expect(tail(endAddress(url, { result: 'cancelled' }))).toBe(fail)
    expect(endAddress(url, { result: 'success' }).href).toBe(url.href)
  })

  it('has a short body', () => {
    const { body } = endMessage(outcome({ failure: { code: 'store', message: 'x'.repeat(9_000) } }))
    expect(body).toMatch(/^Lifeboat: backup FAILED in acme\/shop\nx{900}/)
    expect(body.length).toBeLessThanOrEqual(2_000)
  })
})
