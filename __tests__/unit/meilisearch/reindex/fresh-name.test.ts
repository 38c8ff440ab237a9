import { describe, expect, it } from '@jest/globals'
import { freshName, isFreshName } from '../../../../src/meilisearch/reindex/fresh-name.ts'

const NOW = new Date('2026-11-22T02:15:00.789Z')

describe('the name of an index beside the live one', () => {
  it('says of which, when and that Lifeboat made it', () => {
    expect(freshName('products', NOW, '1a2b3c')).toBe('products-lifeboat-20261122T021500Z-1a2b3c')
    expect(isFreshName('products-lifeboat-20261122T021500Z-1a2b3c', 'products')).toBe(true)
    expect(isFreshName('products-lifeboat-20261122T021500Z-1a2b3c', 'product')).toBe(false)
  })

  it('is never longer than Meilisearch takes', () => {
    const uid = 'x'.repeat(400)
    const name = freshName(uid, NOW, '1a2b3c')
    expect(name).toHaveLength(400)
    expect(isFreshName(name, uid)).toBe(true)
  })
})
