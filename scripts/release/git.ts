import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs git with these words; gives what it wrote. Throws with its own message where it fails. */
export type Git = (...words: readonly string[]) => Promise<string>

const AUTHOR = [
  '-c',
  'user.name=github-actions[bot]',
  '-c',
  'user.email=41898282+github-actions[bot]@users.noreply.github.com',
]

export function gitIn(checkout: string): Git {
  return async (...words) =>
    (await promisify(execFile)('git', [...AUTHOR, ...words], { cwd: checkout })).stdout
}
