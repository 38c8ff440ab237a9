import { join } from 'node:path'
import { cached, newestSuite } from './later-debian.ts'
import { runProgram } from './run-program.ts'

export interface AgePrograms {
  /** Path of `age`, 1.3 or newer. */
  readonly age: string
  readonly keygen: string
}

/** An `age` that knows post-quantum recipients: this system's own, or the distribution's newest beside it. */
export async function modernAge(): Promise<AgePrograms> {
  const env = { PATH: process.env['PATH'] ?? '' }
  const knows = (keygen: string): Promise<string> => runProgram(keygen, ['-pq'], { env })
  const own = await knows('age-keygen').then(
    () => true,
    () => false,
  )
  if (own) return { age: 'age', keygen: 'age-keygen' }
  const folder = await cached(
    'age',
    async (draft) => (await newestSuite()).unpack(['age'], draft),
    (made) => knows(join(made, 'usr/bin/age-keygen')),
  )
  return { age: join(folder, 'usr/bin/age'), keygen: join(folder, 'usr/bin/age-keygen') }
}
