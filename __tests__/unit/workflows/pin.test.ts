import { describe, expect, it } from '@jest/globals'
import { pinned } from '../../../scripts/workflows/pin.ts'

const commit = 'a'.repeat(40)
const pin = { repository: 'acme/lifeboat', commit, label: 'v1.2.3' }
const WORKFLOW = `jobs:
  one:
    steps:
      - uses: OWNER/lifeboat@v1
      - name: Two
        uses: other/lifeboat@${'b'.repeat(40)} # main
      - uses: actions/checkout@${'c'.repeat(40)} # v7.0.1
  two:
    uses: OWNER/lifeboat/.github/workflows/reusable-db-backup.yml@v1
`

describe('Pinning what workflows refer to in this repository', () => {
  it('sets the action to a commit, wherever it stood before, and leaves everything else', () => {
    const text = pinned(WORKFLOW, 'action', pin)
    expect(text).toBe(
      WORKFLOW.replace('OWNER/lifeboat@v1', `acme/lifeboat@${commit} # v1.2.3`).replace(
        `other/lifeboat@${'b'.repeat(40)} # main`,
        `acme/lifeboat@${commit} # v1.2.3`,
      ),
    )
  })

  it('sets called workflows apart from the action', () => {
    const file = '.github/workflows/reusable-db-backup.yml'
    expect(pinned(WORKFLOW, 'workflow', pin)).toBe(
      WORKFLOW.replace(`OWNER/lifeboat/${file}@v1`, `acme/lifeboat/${file}@${commit} # v1.2.3`),
    )
  })

  it('gives the same text when it is done twice', () => {
    const once = pinned(WORKFLOW, 'action', pin)
    expect(pinned(once, 'action', pin)).toBe(once)
  })

  it('refuses what can move', () => {
    expect(() => pinned(WORKFLOW, 'action', { ...pin, commit: 'v1' })).toThrow(/no full SHA/)
  })
})
