import { expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const model = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8')
const invariants = [...model.matchAll(/^(\d+)\. (.*)$/gm)].map(([, number = '', text = '']) => ({
  number,
  held: [...text.matchAll(/`(__tests__\/[^`]+)`: "([^"]+)"/g)].map(([, file = '', name = '']) => ({
    file,
    name,
  })),
}))

it('numbers its invariants without a gap', () => {
  expect(invariants.length).toBeGreaterThan(20)
  expect(invariants.map(({ number }) => Number(number))).toEqual(invariants.map((_, index) => index + 1))
})

it.each(invariants)('has a test that holds invariant $number', ({ held }) => {
  expect(held).not.toEqual([])
  for (const { file, name } of held) {
    const titles = [
      ...readFileSync(join(ROOT, file), 'utf8').matchAll(/\bit(?:\.each\([^]*?\))?\(\s*(['"`])(.*?)\1/g),
    ]
    expect(titles.map(([, , title]) => title)).toContain(name)
  }
})
