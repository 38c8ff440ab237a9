import { hash } from 'node:crypto'
import { identifier, qualified } from './identifier.ts'
import type { Session } from './session.ts'
import type { Table } from './tables.ts'

/**
 * Rows and digest of a table as `COPY` writes it, in its text form, which is what a dump asks of the server too: no
 * planner is involved but where an extension's configuration has a condition, and that is asked as pg_dump asks it,
 * without ONLY: the extension's own text, of this server. The digest is the sum of the first 64 bits of each row's SHA-256.
 */
export async function hashCopy(
  session: Session,
  { schema, name, columns, configuration }: Pick<Table, 'schema' | 'name' | 'columns' | 'configuration'>,
  { digest }: { digest: boolean },
): Promise<{ rows: number; digest: string | null }> {
  const list = columns.map(identifier).join(', ')
  const relation = qualified(schema, name)
  const condition = configuration?.condition ?? ''
  // Without a column there is no list of columns, which would not be SQL.
  const what =
    condition === '' ? relation + (list && ` (${list})`) : `(SELECT ${list} FROM ${relation} ${condition})`
  let rows = 0
  let sum = 0n
  await session.copyOut(`COPY ${what} TO STDOUT`, (row) => {
    rows += 1
    if (digest) sum += hash('sha256', row, 'buffer').readBigUInt64BE()
  })
  return { rows, digest: digest ? String(sum) : null }
}
