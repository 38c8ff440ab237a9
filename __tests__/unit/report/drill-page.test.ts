import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { drillPage } from '../../../src/report/drill-page.ts'
import type { DrillReport } from '../../../src/report/drill-report.ts'
import { drillReport, HOSTILE } from '../../support/drill-reports.ts'
import { openPages, viewsOf, type Pages } from '../../support/pages.ts'

const REPORTS: Readonly<Record<string, DrillReport>> = {
  passed: drillReport(),
  failed: drillReport({ failed: true }),
  nothing: drillReport({ legs: [] }),
  hostile: drillReport({ text: HOSTILE }),
}

/** Nothing has to be hidden. */
const asItIs = (text: string): string => text

/** What of the page only a browser can tell. */
const SEEN = `({
  scripts: document.scripts.length,
  images: document.images.length + document.querySelectorAll('svg').length,
  headings: document.querySelectorAll('h1').length,
  lines: [...document.querySelectorAll('section')].at(-1).querySelectorAll('tbody tr').length,
  lineHeight: Math.min(...[...[...document.querySelectorAll('section')].at(-1).querySelectorAll('tbody tr')].map((row) => row.getBoundingClientRect().height)),
  cut: [...document.querySelectorAll('td, tbody th, dd, p, h1, h2, h3')].filter((each) => each.getClientRects().length > 0 && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 1).map((each) => each.textContent.slice(0, 40)),
  broken: [...document.querySelectorAll('.tile .value')].filter((value) => value.getBoundingClientRect().height > 34).map((value) => value.textContent),
  crowded: [...document.querySelectorAll('dl + table')].filter((each) => each.getBoundingClientRect().top - each.previousElementSibling.getBoundingClientRect().bottom < 8).length,
  styled: getComputedStyle(document.body).marginTop,
  back: getComputedStyle(document.body).backgroundColor,
})`

describe("A drill's page in a real browser", () => {
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
      const viewed = await pages.view(drillPage(report, asItIs), { width, scheme }, SEEN)
      expect(viewed).toMatchObject({
        complaints: [],
        requests: [],
        value: {
          scripts: 0,
          images: 0,
          headings: 1,
          lines: 3,
          cut: [],
          broken: [],
          crowded: 0,
          styled: '0px',
        },
      })
      expect(viewed.overflow).toBeLessThanOrEqual(0)
      const { lineHeight, back } = viewed.value as { lineHeight: number; back: string }
      // Somebody writes there with a pen.
      expect(lineHeight).toBeGreaterThanOrEqual(40)
      expect(back).toBe(scheme === 'light' ? 'rgb(245, 246, 248)' : 'rgb(16, 19, 24)')
    },
  )

  it('shows amounts as people read them', () => {
    const page = drillPage(drillReport(), asItIs)
    for (const text of ['1,234,567', '1,288,490,188', '20261122T021500Z-1a2b3c', '5 min 12 s of 2 h 00 min'])
      expect(page).toContain(`<dd>${text}</dd>`)
  })
})
