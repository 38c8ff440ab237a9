import { describe, expect, it } from '@jest/globals'
import { parseDuration, parsePercentage } from '../../../src/inputs/quantities.ts'
import { parseSettings } from '../../../src/inputs/settings.ts'

const readers = { warn: parsePercentage, fail: parsePercentage, stall: parseDuration }

describe('settings', () => {
  it('are pairs between spaces, commas or line breaks', () => {
    const wanted = { warn: 0.5, fail: 0.9, stall: 60_000 }
    for (const text of [
      'warn=50% fail=90% stall=1m',
      ' warn=50%,fail=90%\n stall=1m ',
      'stall=1m warn=50% fail=90%',
    ]) {
      expect(parseSettings(text, readers)).toEqual(wanted)
    }
    expect(parseSettings('', readers)).toEqual({})
  })

  it.each([
    ['wran=50%', '"wran" is not one of warn, fail, stall. Did you mean warn?'],
    ['warn', '"warn" is not of the form key=value'],
    ['warn = 50%', '"warn" is not of the form key=value'],
    ['warn=50% warn=60%', '"warn" is given twice'],
    ['warn=half', 'warn: "half" is not a percentage'],
    ['constructor=1', '"constructor" is not one of'],
  ])('refuse %s', (text, message) => {
    expect(() => parseSettings(text, readers)).toThrow(message)
  })

  it('name everything that is wrong with them', () => {
    expect(() => parseSettings('warn=x fial=90% stall=10', readers)).toThrow(
      /warn: .* Did you mean fail\? .*stall: /,
    )
  })
})
