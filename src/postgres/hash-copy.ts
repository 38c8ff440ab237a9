import { hash } from 'node:crypto'
import { identifier, qualified } from './identifier.ts'
import type { Session } from './session.ts'

/**
 * Rows and digest of a table as `COPY` writes it, in its text form, which is what a dump asks of the server too: no
 * planner is involved. The digest is the sum of the first 64 bits of each row's SHA-256.
 */
export async function hashCopy(
  session: Session,
  { schema, name, columns }: { schema: string; name: string; columns: readonly string[] },
  { digest }: { digest: boolean },
): Promise<{ rows: number; digest: string | null }> {
  // Without a column there is no list of columns, which would not be SQL.
  const list = columns.length > 0 ? ` (${columns.map(identifier).join(', ')})` : ''
  let rows = 0
  let sum = 0n
  await session.copyOut(`COPY ${qualified(schema, name)}${list} TO STDOUT`, (row) => {
    rows += 1
    if (digest) sum += hash('sha256', row, 'buffer').readBigUInt64BE()
  })
  return { rows, digest: digest ? String(sum) : null }
}
