import { describe, expect, it } from '@jest/globals'
import { judgeSystems } from '../../../src/watch/systems.ts'

describe('judgeSystems', () => {
  it.each([
    ['nothing', [], undefined],
    ['one database', ['1', '1', '1'], undefined],
    ['a move', ['1', '1', '2', '2'], undefined],
    ['two moves', ['1', '2', '3'], undefined],
    ['a move, whatever is not known', ['1', null, '1', '2', null], undefined],
    ['two that take turns', ['1', '2', '1'], ['1', '2']],
    ['a move that was taken back', ['1', '1', '2', '1', '1'], ['1', '2']],
    ['three that take turns', ['1', '2', '3', '2'], ['1', '2', '3']],
  ])('sees %s', (_, systems, alternating) => {
    expect(judgeSystems('app', systems)).toEqual(
      alternating ? [{ kind: 'alternating', name: 'app', systems: alternating }] : [],
    )
  })
})
