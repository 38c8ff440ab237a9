import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { CheckReport } from '../../../src/report/check-report.ts'
import { statusPage } from '../../../src/report/status-page.ts'
import { checkReport } from '../../support/check-reports.ts'
import { openPages, viewsOf, type Pages } from '../../support/pages.ts'

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=https://evil.example/x onerror=alert(1)>',
  `'--></style></title><svg onload=alert(1)>`,
  '{{constructor}}${7*7}`',
  'left\u202eright\u0000\n\r',
  'javascript:alert(1)//',
  'x'.repeat(300),
  '数据库'.repeat(40),
]

const REPORTS = {
  one: checkReport(['shop']),
  fifty: checkReport(
    Array.from({ length: 50 }, (_, number) => `customer_${number.toString().padStart(2, '0')}`),
    { replica: { store: 'AWS bucket shop-copy', prefix: 'db/' } },
  ),
  none: checkReport([], { breaches: [{ kind: 'nothing' }], foreign: 0 }),
  hostile: checkReport(HOSTILE, {
    store: HOSTILE[0] ?? '',
    prefix: HOSTILE[1] ?? '',
    policy: HOSTILE[2] ?? '',
    replica: { store: HOSTILE[2] ?? '', prefix: HOSTILE[1] ?? '' },
    notMeasured: HOSTILE,
    breaches: HOSTILE.map((change) => ({ kind: 'lifecycle-drift', change })),
  }),
} satisfies Record<string, CheckReport>

/** Nothing has to be hidden. */
const asItIs = (text: string): string => text

/** What of the page only a browser can tell. */
const SEEN = `({
  scripts: document.scripts.length,
  images: document.images.length,
  svgOutside: document.querySelectorAll('svg:not(.timeline):not(.series):not(.gauge)').length,
  untitled: [...document.querySelectorAll('svg')].filter((svg) => !svg.querySelector(':scope > title')?.textContent).length,
  drawn: [...document.querySelectorAll('svg')].filter((svg) => svg.getClientRects().length > 0 && svg.getBoundingClientRect().width < 20).length,
  headings: document.querySelectorAll('h1').length,
  text: document.body.innerText.length,
  styled: getComputedStyle(document.body).marginTop,
  back: getComputedStyle(document.body).backgroundColor,
})`

describe('The status page in a real browser', () => {
  let pages: Pages

  beforeAll(async () => {
    pages = await openPages()
  })
  afterAll(async () => {
    await pages[Symbol.asyncDispose]()
  })

  it.each(viewsOf(REPORTS))(
    'shows $page at $width pixels, $scheme, without a complaint',
    async ({ report, width, scheme }) => {
      const viewed = await pages.view(statusPage(report, asItIs), { width, scheme }, SEEN)
      expect(viewed).toMatchObject({
        complaints: [],
        requests: [],
        value: { scripts: 0, images: 0, svgOutside: 0, untitled: 0, drawn: 0, headings: 1, styled: '0px' },
      })
      expect(viewed.overflow).toBeLessThanOrEqual(0)
      const { text, back } = viewed.value as { text: number; back: string }
      expect(text).toBeGreaterThan(200)
      expect(back).toBe(scheme === 'light' ? 'rgb(245, 246, 248)' : 'rgb(16, 19, 24)')
    },
  )

  it('shows what is worth a look, what ended well, and the second store where there is one', async () => {
    const text = async (report: CheckReport): Promise<string> => {
      const viewing = { width: 1440, scheme: 'light' } as const
      const expression =
        'document.querySelectorAll("details").forEach((each) => (each.open = true)), document.body.innerText'
      const viewed = await pages.view(statusPage(report, asItIs), viewing, expression)
      return viewed.value as string
    }
    const one = await text(REPORTS.one)
    for (const part of [
      /Worth a look\n.*took 1\.8 times the time/,
      /31 % of what backups/,
      /88 %: 7 of 8 that stored something/,
      /80 %: 4 ok, 1 failed/,
      /31 min 09 s, usually 23 min 08 s/,
    ]) {
      expect(one).toMatch(part)
    }
    expect(one).not.toMatch(/second store/i)
    expect(await text(REPORTS.fifty)).toMatch(/NEWEST IN THE SECOND STORE|Newest in the second store/)
  })

  it('would notice what it looks for', async () => {
    const bad = statusPage(REPORTS.none, asItIs).replace(
      '</main>',
      '<p style="width:5000px">wide</p><img src="https://evil.example/x.png"></main><script>alert(1)</script>',
    )
    const changed = bad.replace('</style>', '.page{width:3000px;max-width:none}</style>')
    const narrow = { width: 360, scheme: 'light' } as const
    const viewed = await pages.view(bad, narrow)
    // The policy refuses all three.
    expect(viewed.complaints.join()).toMatch(/Content Security Policy/)
    expect(viewed.overflow).toBeLessThanOrEqual(0)
    // A style sheet that is not the one whose hash stands in the policy is none.
    const unstyled = await pages.view(changed, narrow, SEEN)
    expect(unstyled.value).not.toMatchObject({ styled: '0px' })
    // Without a policy all of it is seen.
    const unguarded = changed.replace(/<meta http-equiv[^>]*>|<script.*script>/g, '')
    const wide = await pages.view(unguarded, narrow)
    expect(wide.overflow).toBeGreaterThan(2_000)
    expect(wide.requests).toContain('https://evil.example/x.png')
  })
})
