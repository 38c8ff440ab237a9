import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KEY_ACTIONS, type Use } from '../../../src/meilisearch/rights.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/meilisearch.md'), 'utf8')
const ROWS: Readonly<Record<Use, string>> = {
  backup: '`backup` from the API',
  'server-dump': '`backup` with `meili-dump-dir`',
  restore: '`restore`',
  'restore-verify': '`restore-verify` with `target-meili-host`',
  reindex: '`reindex`',
}

describe('docs/meilisearch.md', () => {
  it.each(Object.entries(ROWS))('names the actions that a key needs for %s', (use, title) => {
    const row = PAGE.split('\n').find((line) => line.startsWith(`| ${title} `) && line.includes('`version`'))
    const named = [...(row?.slice(title.length + 2) ?? '').matchAll(/`([a-z.*]+)`/g)].map(([, name]) => name)
    expect(named).toEqual(KEY_ACTIONS[use as Use])
  })
})
