import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { redactor } from '../../../src/report/redact.ts'
import type { Block } from '../../../src/report/summary.ts'
import { renderSummary } from '../../../src/report/summary.ts'

const redact = redactor([])
const cells = fc.array(
  fc.tuple(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('|', '\\|', '`|`', '\n', '<!--')),
)

describe('a summary', () => {
  it('keeps tables tables, whatever stands in their cells', () => {
    fc.assert(
      fc.property(cells, (contents) => {
        const rows = contents.map(([a, b, c]) => [`${a}${c}`, { code: `${c}${b}` }])
        const columns = [{ title: 'Name' }, { title: 'Size', numeric: true }]
        const lines = renderSummary([{ kind: 'table', columns, rows }], { redact })
          .trimEnd()
          .split('\n')
        return lines.length === rows.length + 2 && lines.every((line) => /^\|[^|]*\|[^|]*\|$/.test(line))
      }),
    )
  })

  it('fences code so that it cannot get out', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('`', 'a', '\n', ' ', '~') })), (code) => {
        const lines = renderSummary([{ kind: 'code', language: 'bash', lines: code }], { redact })
          .trimEnd()
          .split('\n')
        const fence = /^`+/.exec(lines[0] ?? '')?.[0] ?? ''
        const closing = lines.findIndex((line, index) => index > 0 && line.trim().startsWith(fence))
        return fence.length >= 3 && closing === lines.length - 1 && lines.length === code.length + 2
      }),
    )
  })

  it('renders every kind of block', () => {
    const blocks: Block[] = [
      { kind: 'heading', level: 2, text: 'Backup of a<b>' },
      { kind: 'paragraph', text: '@team see https://example.com' },
      { kind: 'list', items: ['one', '- two'] },
      {
        kind: 'table',
        columns: [{ title: 'A' }, { title: 'B', numeric: true }],
        rows: [['x', '1'], [{ code: 'y|' }]],
      },
      { kind: 'code', language: 'bash', lines: ['createdb app'] },
      { kind: 'chart', mermaid: ['pie', '  "a" : 1'] },
      { kind: 'details', title: 'More', blocks: [{ kind: 'paragraph', text: 'inside' }] },
    ]
    expect(renderSummary(blocks, { redact })).toBe(
      [
        '## Backup of a&#60;b&#62;\n',
        '<span>&#64;</span>team see https&#58;&#47;&#47;example.com\n',
        '- one\n- &#45; two\n',
        '| A | B |\n| --- | ---: |\n| x | 1 |\n| <code>y&#124;</code> |  |\n',
        '```bash\ncreatedb app\n```\n',
        '```mermaid\npie\n  "a" : 1\n```\n',
        '<details><summary>More</summary>\n\ninside\n\n</details>\n',
      ].join('\n'),
    )
  })

  it('removes secrets before punctuation hides them', () => {
    const secret = 'p@ss|word'
    const blocks: Block[] = [
      { kind: 'heading', level: 2, text: secret },
      { kind: 'table', columns: [{ title: secret }], rows: [[secret], [{ code: secret }]] },
      { kind: 'code', language: 'text', lines: [secret] },
      { kind: 'details', title: secret, blocks: [{ kind: 'list', items: [secret] }] },
    ]
    const markdown = renderSummary(blocks, { redact: redactor([secret]) })
    expect(markdown).not.toMatch(/ss.*word/)
  })

  it('cuts tables that would be too large for GitHub, and says how much is left out', () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => [`table ${index}`, 'x'.repeat(50)])
    const columns = [{ title: 'A' }, { title: 'B' }]
    const markdown = renderSummary([{ kind: 'table', columns, rows }], { redact })
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(1_000_000)
    expect(markdown).toContain('| … and 49000 more |  |')
  })

  it('leaves out the last blocks where cutting tables is not enough', () => {
    const blocks = Array.from({ length: 100 }, (_, index): Block => ({
      kind: 'paragraph',
      text: `${index} ${'x'.repeat(50)}`,
    }))
    const markdown = renderSummary(blocks, { redact, largest: 1_000 })
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(1_000)
    expect(markdown).toContain('0 xxx')
    expect(markdown).toContain('is left out')
  })
})
