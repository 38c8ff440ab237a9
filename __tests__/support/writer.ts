import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

/** Somebody who uses the database meanwhile. */
export interface Writer extends AsyncDisposable {
  /** How often all of it was written. */
  readonly rounds: () => number
  /** Resolves once all of it was written so often, or the writer is disposed of. */
  readonly wrote: (rounds: number) => Promise<void>
}

export interface Pace {
  /** Rests so many milliseconds after each round; unless given, not at all. */
  readonly restMs?: number
}

/** Runs the statements again and again, each for itself, until it is disposed of. */
export async function writerAt(
  url: string,
  statements: readonly string[],
  { restMs }: Pace = {},
): Promise<Writer> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const writing = { on: true }
  let rounds = 0
  const work = (async () => {
    while (writing.on) {
      for (const statement of statements) await client.query(statement)
      rounds += 1
      if (restMs !== undefined) await sleep(restMs)
    }
  })()
  return {
    rounds: () => rounds,
    wrote: async (atLeast) => {
      while (writing.on && rounds < atLeast) await Promise.race([work, sleep(5)])
    },
    [Symbol.asyncDispose]: async () => {
      writing.on = false
      await work
      await client.end()
    },
  }
}

/** A table of noise comes and grows, a sequence moves, and orders lose their lines. */
export async function writerInShop(url: string, pace: Pace = {}): Promise<Writer> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(
    'CREATE TABLE IF NOT EXISTS shop.noise (id serial PRIMARY KEY, at timestamptz DEFAULT now())',
  )
  await client.end()
  const statements = [
    'INSERT INTO shop.noise DEFAULT VALUES',
    `SELECT nextval('shop.noise_id_seq')`,
    'DELETE FROM shop.order_items WHERE ctid IN (SELECT ctid FROM shop.order_items LIMIT 1)',
  ]
  return writerAt(url, statements, pace)
}
