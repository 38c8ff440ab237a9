import { describe, expect, it } from '@jest/globals'
import { bareImages, withDigests } from '../../../scripts/workflows/images.ts'

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`
const SEARCH = 'getmeili/meilisearch:v1.50'
const WORKFLOW = `    services:
      live:
        image: ${SEARCH}.0
        ports: ['7700:7700']
      scratch:
        image: \${{ vars.HOST == '' && '${SEARCH}' || '' }}
      mine:
        image: ghcr.io/acme/app:1@${DIGEST}
    steps:
      - run: echo image:latest
`

describe('Images of containers', () => {
  it('are bare where they have a tag and no digest, alone or in an expression', () => {
    expect(bareImages(WORKFLOW)).toEqual([`${SEARCH}.0`, SEARCH])
  })

  it('get the digests that they have, and keep their tags', () => {
    const digests = new Map([
      [SEARCH, DIGEST],
      [`${SEARCH}.0`, DIGEST],
    ])
    const text = withDigests(WORKFLOW, digests)
    expect(bareImages(text)).toEqual([])
    expect(text).toContain(`image: ${SEARCH}.0@${DIGEST}\n`)
    expect(text).toContain(`'${SEARCH}@${DIGEST}' || '' }}`)
    expect(withDigests(text, new Map())).toBe(text)
  })

  it.each([[[]], [[[SEARCH, 'latest']]], [[[SEARCH, `${DIGEST}0`]]]] as const)(
    'are not written without a digest: %j',
    (entries) => {
      expect(() => withDigests(`image: ${SEARCH}\n`, new Map(entries))).toThrow(/No digest of the image/)
    },
  )
})
