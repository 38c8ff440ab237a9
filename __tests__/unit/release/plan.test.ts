import { describe, expect, it } from '@jest/globals'
import { notesOf, planRelease, type ReleaseState } from '../../../scripts/release/plan.ts'

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.3] - 2026-11-25

### Added

- A thing.

## [1.2.2] - 2026-11-01

- Older.

[1.2.2]: https://example.com/1.2.2
`

const ready: ReleaseState = {
  version: '1.2.3',
  packageVersion: '1.2.3',
  changelog: CHANGELOG,
  tags: ['v1.2.2', 'v1'],
  changed: [],
  newest: true,
}

describe('The plan of a release', () => {
  it('has the tag, the moving tag of its major version, and what the changelog says', () => {
    expect(planRelease(ready)).toEqual({ tag: 'v1.2.3', moving: 'v1', notes: '### Added\n\n- A thing.' })
  })

  it('moves no tag for a version before its release', () => {
    const changelog = CHANGELOG.replace('[1.2.3]', '[1.2.3-rc.1]')
    const version = '1.2.3-rc.1'
    const state = { ...ready, version, packageVersion: version, changelog }
    expect(planRelease(state)).toMatchObject({ tag: 'v1.2.3-rc.1', moving: undefined })
  })

  it('is refused for a version that was released, and everything else that is wrong is said too', () => {
    const wrong = {
      ...ready,
      tags: ['v1.2.3'],
      packageVersion: '1.2.4',
      changed: ['src/x.ts'],
      newest: false,
    }
    expect(() => planRelease({ ...wrong, changelog: '' })).toThrow(
      /there already[^]*\[1\.2\.3\][^]*src\/x\.ts[^]*newest/,
    )
    expect(() => planRelease(wrong)).toThrow(/package\.json says 1\.2\.4/)
  })

  it.each(['1.2', 'v1.2.3', '1.2.3; rm', '01.2.3', ''])(
    'is refused for %j, which is no version',
    (version) => {
      expect(() => planRelease({ ...ready, version, packageVersion: version })).toThrow(/is no version/)
    },
  )

  it('takes one chapter of the changelog, without what stands around it', () => {
    expect(notesOf(CHANGELOG, '1.2.2')).toBe('- Older.')
    expect(notesOf(CHANGELOG, '1.2')).toBe('')
    expect(notesOf(CHANGELOG, '1x2.3')).toBe('')
  })
})
