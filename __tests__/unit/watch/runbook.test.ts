import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Finding } from '../../../src/catalog/finding.ts'
import { runbookExamination } from '../../../src/watch/runbook.ts'

function judged(text: string | undefined): Finding {
  const [finding] = [
    ...(runbookExamination('RUNBOOK_DR.md', text).examine(new AbortController().signal) as Iterable<Finding>),
  ]
  if (!finding) throw new Error('nothing was found')
  return finding
}

describe('The runbook', () => {
  it('passes once everything is filled in', () => {
    expect(judged('# Recovery\nThe bucket is shop-backups, <b>eu</b>.\n')).toMatchObject({ state: 'passed' })
  })

  it('is not checked where there is none', () => {
    expect(judged(undefined)).toMatchObject({ state: 'not-checked' })
  })

  it('names lines that wait for somebody, and counts the rest', () => {
    expect(judged('a\n<<FILL IN: the bucket>> and <<FILL IN:>>\n')).toMatchObject({
      state: 'failed',
      found: '2 places are not filled in: line 2 (the bucket), line 2 ().',
    })
    const many = Array.from({ length: 7 }, (_, number) => `<<FILL IN: ${number}>>`).join('\n')
    expect(judged(many).found).toMatch(/^7 places .* line 5 \(4\) and 2 more\.$/)
  })

  it('is not filled in as it is here to be copied', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../../../RUNBOOK_DR.md'), 'utf8')
    const places = [...text.matchAll(/<<FILL IN: [^…]/g)].length
    expect(places).toBeGreaterThan(5)
    expect(judged(text)).toMatchObject({
      state: 'failed',
      found: expect.stringContaining(`${places} places`) as unknown,
    })
    const filled = text.replaceAll(/<<FILL IN: [^…>][^>]*>>/g, 'known')
    expect(filled).toContain('<<FILL IN: …>>')
    expect(judged(filled)).toMatchObject({ state: 'passed' })
  })
})
