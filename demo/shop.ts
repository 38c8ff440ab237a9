import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a shop is filled through: `startPostgres` gives one. */
export interface SqlServer {
  /** Runs SQL as a superuser, through psql. */
  psql(sql: string, database?: string): Promise<string>
}

export interface ShopSize {
  /**
   * 1 (the default) is ten thousand orders: a database of about 40 MB, made in 3 s. 25 is 650 MB in 25 s, and so
   * on; a plain dump has about nine tenths of that. The smallest shop has a few rows in each table.
   */
  readonly scale?: number
}

const PARTS = ['roles', 'types', 'tables', 'oddities', 'rows', 'rules']

/** Creates `database` on `server` and fills it with a shop: the same rows for the same scale. */
export async function fillShop(
  server: SqlServer,
  database: string,
  { scale = 1 }: ShopSize = {},
): Promise<void> {
  await server.psql(`CREATE DATABASE "${database.replaceAll('"', '""')}" TEMPLATE template0;`)
  const parts = await Promise.all(
    PARTS.map((part) => readFile(join(import.meta.dirname, 'shop', `${part}.sql`), 'utf8')),
  )
  const quoted = `'${database.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  await server.psql([`\\set database ${quoted}`, `\\set scale ${scale}`, ...parts].join('\n'), database)
}
