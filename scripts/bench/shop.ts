import { startPostgres, type PostgresServer } from '../../__tests__/support/postgres-server.ts'
import { fillShop } from '../../demo/shop.ts'
import { timedShell } from './shell.ts'

export const DATABASE = 'shop'

/** Rows are made by SQL functions, which takes long: so many once, and copies of them after that. */
const SCALE = 8
/** Tables below this many bytes are not copied: they would only add tables. */
const WORTH_COPYING = 1_000_000

/** A server of its own whose settings keep it from doing work of its own while times are taken. */
export function startShopServer(): Promise<PostgresServer> {
  return startPostgres({ config: { autovacuum: 'off', wal_level: 'minimal', max_wal_senders: 0 } })
}

/** Fills the demo shop; `growShop` makes it large. */
export async function openShop(server: PostgresServer): Promise<void> {
  await fillShop(server, DATABASE, { scale: SCALE })
}

/**
 * Copies the shop's tables into schemas of earlier seasons until its dump has at least `bytes`; gives the dump's
 * bytes. The copies lie further apart than any compressor here looks back, so that the ratio stays that of a shop.
 */
export async function growShop(server: PostgresServer, bytes: number): Promise<number> {
  let size = await dumpBytes(server)
  let seasons = Number(
    await server.psql(`SELECT count(*) FROM pg_namespace WHERE nspname ^@ 'season_'`, DATABASE),
  )
  const one = size / (seasons + 1)
  while (size < bytes) {
    const missing = Math.ceil((bytes - size) / one)
    for (let season = seasons; season < seasons + missing; season += 1)
      await server.psql(copy(season), DATABASE)
    seasons += missing
    // Else the first one who reads the rows would have to write them, with their hint bits.
    await server.psql('VACUUM (FREEZE, ANALYZE)', DATABASE)
    size = await dumpBytes(server)
  }
  return size
}

export async function databaseBytes(server: PostgresServer): Promise<number> {
  return Number(await server.psql('SELECT pg_database_size(current_database())', DATABASE))
}

async function dumpBytes(server: PostgresServer): Promise<number> {
  const { output } = await timedShell('pg_dump -Fc -Z0 | wc -c', shopEnvironment(server))
  return Number(output)
}

/** What a shell needs to reach the shop with the server's own programs. */
export function shopEnvironment(server: PostgresServer): Record<string, string> {
  return { ...server.environment(), PGDATABASE: DATABASE, PG_BIN: server.binDir }
}

function copy(season: number): string {
  return `
    CREATE SCHEMA season_${season};
    DO $$
    DECLARE t record;
    BEGIN
      FOR t IN SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname IN ('shop', 'billing', 'audit') AND pg_table_size(c.oid) > ${WORTH_COPYING}
      LOOP
        EXECUTE format('CREATE TABLE season_${season}.%I AS TABLE %I.%I', t.nspname || '_' || t.relname, t.nspname, t.relname);
      END LOOP;
    END $$;`
}
