import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { markup, renderHtml } from '../../../src/report/html.ts'
import { code, facts, table } from '../../../src/report/html-parts.ts'
import { htmlPage } from '../../../src/report/html-page.ts'
import { STYLE } from '../../../src/report/html-style.ts'

const plain = (text: string): string => text

describe('Markup', () => {
  it('takes for text whatever is put into it, in elements and in attributes', () => {
    const hostile = `"><script>alert('1')</script>&amp;`
    const safe = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;'
    expect(renderHtml(markup`<p title="${hostile}">${hostile}</p>`, plain)).toBe(
      `<p title="${safe}">${safe}</p>`,
    )
  })

  it('never lets any text leave its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const inside = renderHtml(markup`<i title="${text}">${[text]}</i>`, plain).slice(3, -4)
        expect(inside).not.toMatch(/<|'/)
        expect(inside.match(/["]/g)).toHaveLength(2)
      }),
    )
  })

  it('joins markup, lists and numbers, and leaves out what is not there', () => {
    const items = ['a', 'b'].map((each) => markup`<li>${each}</li>`)
    const list = markup`<ul>${items}${undefined}${3}</ul>`
    expect(renderHtml(list, plain)).toBe('<ul><li>a</li><li>b</li>3</ul>')
  })

  it('removes secrets before anything is escaped, and shows what cannot be seen', () => {
    const redact = (text: string): string => text.replaceAll('<&>', '***')
    expect(renderHtml(markup`${'a<&>b'} ${'x\u202ey'}`, redact)).toBe('a***b x\\u{202e}y')
  })

  it('names the columns in every cell but the first, which heads its row', () => {
    const rendered = renderHtml(
      table([{ title: 'Name' }, { title: 'Size', numeric: true }], [['shop', '1 MiB']]),
      plain,
    )
    expect(rendered).toContain('<th scope="row" class="text">shop</th>')
    expect(rendered).toContain('<td class="number" data-label="Size">1 MiB</td>')
  })

  it('keeps lines of code apart', () => {
    expect(renderHtml(code(['one', '# <two>']), plain)).toBe('<pre><code>one\n# &lt;two&gt;\n</code></pre>')
  })

  it('pairs names and values', () => {
    expect(renderHtml(facts([['Store', 'R2']]), plain)).toContain('<dt>Store</dt><dd>R2</dd>')
  })
})

describe('A page', () => {
  const page = htmlPage(
    {
      title: 'Backups <of> shop',
      kicker: 'Lifeboat',
      lead: markup`lead`,
      body: markup`body`,
      footer: markup`foot`,
    },
    plain,
  )

  it('allows the browser its own style sheet and nothing else', () => {
    const hash = createHash('sha256').update(STYLE).digest('base64')
    expect(page).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; img-src data:`)
    expect(page.split('<style>')[1]?.split('</style>')[0]).toBe(STYLE)
    expect(page).not.toMatch(/<script|https?:|@import|url\(/)
  })

  it('has its title as text', () => {
    expect(page).toContain('<title>Backups &lt;of&gt; shop</title>')
    expect(page).toContain('<h1>Backups &lt;of&gt; shop</h1>')
  })

  it('has colours that can be read, in light and dark', () => {
    const [light = '', dark = ''] = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => body ?? '')
    for (const theme of [light, dark]) {
      const color = (name: string): string => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(theme)?.[1] ?? ''
      for (const behind of ['page', 'card', 'sunken']) {
        for (const text of ['text', 'soft', 'good', 'bad', 'warn', 'none', 'accent']) {
          expect({ behind, text, ratio: contrast(color(text), color(behind)) >= 4.5 }).toMatchObject({
            ratio: true,
          })
        }
        for (const mark of ['good', 'bad', 'warn', 'none', 'accent']) {
          const ratio = contrast(color(`${mark}-mark`), color(behind)) >= 3
          expect({ behind, mark, ratio }).toMatchObject({ ratio: true })
        }
      }
      for (const tone of ['good', 'bad', 'warn', 'none', 'accent']) {
        expect({ tone, ratio: contrast(color(tone), color(`${tone}-tint`)) >= 4.5 }).toMatchObject({
          ratio: true,
        })
      }
    }
  })
})

/** As WCAG 2 reckons it. */
function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
