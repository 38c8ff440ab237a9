import { describe, expect, it } from '@jest/globals'
import { runnerView } from '../../../scripts/demo/runner-view.ts'

function shown(...pieces: readonly string[]): string[] {
  const lines: string[] = []
  const view = runnerView((line) => lines.push(line))
  for (const piece of pieces) view.write(piece)
  view.end()
  return lines
}

describe("a runner's view of a log", () => {
  it('hides masked texts and the commands that mask them', () => {
    expect(shown('::add-mask::s3cret%25\n', 'password s3', 'cret% given\n')).toEqual(['password *** given'])
  })

  it('shows chapters by their titles and annotations by their kind', () => {
    expect(
      shown('::group::Dump\none\n::endgroup::\n::error title=No::it broke%0Ahere\n::save-state name=a::b'),
    ).toEqual(['▾ Dump', 'one', 'error: it broke\nhere'])
  })
})
