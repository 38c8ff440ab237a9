import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a shop is filled through: `startPostgres` gives one. */
export interface SqlServer {
  /** Runs SQL as a superuser, through psql. */
  psql(sql: string, database?: string): Promise<string>
}

export interface ShopSize {
  /** 1 is ten thousand orders; the smallest has a few rows in each table. See the README of this folder. */
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
