import { describe, expect, it } from '@jest/globals'
import { readSecrets, readTold } from '../../../src/inputs.ts'
import { parseAddress, parseWebhook } from '../../../src/inputs/receivers.ts'

describe('addresses of receivers', () => {
  it.each([
    ['https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX', 'slack'],
    ['https://discord.com/api/webhooks/1234567890/abc-DEF_1', 'discord'],
    ['https://ptb.discord.com/api/v10/webhooks/1234567890/abc-DEF_1?thread_id=5', 'discord'],
    ['https://discord.com/api/webhooks/1234567890/abc-DEF_1/slack', 'slack'],
    [
      'https://prod-12.westeurope.logic.azure.com:443/workflows/0a1b/triggers/manual/paths/invoke?api-version=2016-06-01&sig=x',
      'teams',
    ],
    [
      'https://default0a.1b.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0a1b/triggers/manual/paths/invoke?sig=x',
      'teams',
    ],
    ['https://acme.webhook.office.com/webhookb2/0a@1b/IncomingWebhook/2c/3d', 'teams'],
    ['https://example.com/hooks/backup?key=1', 'json'],
    ['http://127.0.0.1:9000/anything', 'json'],
  ])('tell the media apart: %s', (text, kind) => {
    expect(parseWebhook(text).kind).toBe(kind)
  })

  it.each(['http://example.com/x', 'http://127.0.0.1.example.com/x', 'http://10.0.0.1/x', 'http://[::2]/x'])(
    'have to be encrypted: %s',
    (text) => {
      expect(() => parseAddress(text)).toThrow('not encrypted')
    },
  )

  it.each(['ftp://example.com', 'example.com/x', '${{ secrets.URL }}', 'https://', 'postgresql://u:p@h/d'])(
    'have to be addresses: %s',
    (text) => {
      expect(() => parseAddress(text)).toThrow('is not an address')
    },
  )

  it('are no triggers of a workflow of Slack', () => {
    expect(() => parseWebhook('https://hooks.slack.com/triggers/T0/1/abc')).toThrow('takes no message')
  })

  it('are read where nothing else can be read, and one that is wrong is none', () => {
    const env = {
      INPUT_COMMAND: 'nonsense',
      'INPUT_HEARTBEAT-URL': 'https://hc.example.com/x',
      'INPUT_NOTIFY-WEBHOOK': 'nonsense',
    }
    expect(readTold(env)).toEqual({ heartbeat: new URL('https://hc.example.com/x') })
  })

  it('are secrets, and so is what stands behind the host and in a long value', () => {
    const url = 'https://example.com/ping/0123456789abcdef?sig=abcdefghijklmnop&rid=7'
    expect(new Set(readSecrets({ 'INPUT_NOTIFY-WEBHOOK': url }))).toEqual(
      new Set([
        url,
        '/ping/0123456789abcdef',
        '/ping/0123456789abcdef?sig=abcdefghijklmnop&rid=7',
        'abcdefghijklmnop',
      ]),
    )
  })
})
