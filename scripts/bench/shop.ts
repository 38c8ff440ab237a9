import { startPostgres, type PostgresServer } from '../../__tests__/support/postgres-server.ts'
import { fillShop } from '../../demo/shop.ts'
import { timedShell } from './shell.ts'

export const DATABASE = 'shop'

/** Rows are made by SQL functions, which takes long: so many once, and copies of them after that. */
const SCALE = 8
/** Tables below this many bytes are not copied: they would only add tables. */
const WORTH_COPYING = 1_000_000
/** Above what was asked for: the copies' sizes differ a little. */
const MARGIN = 1.01

/** The demo shop, large: how many seasons of it there are, and what each adds. */
export interface LargeShop {
  readonly server: PostgresServer
  /** Bytes of the dump without copies, and of one copy. */
  readonly first: number
  readonly season: number
  readonly seasons: number
}

/** A server of its own, whose settings keep it from working for itself while times are taken. */
export function startShopServer(): Promise<PostgresServer> {
  return startPostgres({ config: { autovacuum: 'off', wal_level: 'minimal', max_wal_senders: 0 } })
}

/** Fills the demo shop, with one copy: `growShop` makes it large. */
export async function openShop(server: PostgresServer): Promise<LargeShop> {
  await fillShop(server, DATABASE, { scale: SCALE })
  const first = await dumpBytes(server)
  await server.psql(copy(0), DATABASE)
  return { server, first, season: (await dumpBytes(server)) - first, seasons: 1 }
}

/**
 * Copies the shop's tables into schemas of earlier seasons until its dump has at least `bytes`. The copies lie
 * further apart than any compressor here looks back, so that the ratio stays that of a shop.
 */
export async function growShop(shop: LargeShop, bytes: number): Promise<LargeShop> {
  const { server, first, season } = shop
  const seasons = Math.max(shop.seasons, Math.ceil((bytes * MARGIN - first) / season))
  for (let number = shop.seasons; number < seasons; number += 1) await server.psql(copy(number), DATABASE)
  // Else the first one who reads the rows would have to write them, with their hint bits.
  await server.psql('VACUUM (FREEZE, ANALYZE)', DATABASE)
  return { ...shop, seasons }
}

/** Gives the copies the indexes of what they are copies of, as a shop that is restored has them. */
export async function indexSeasons({ server }: LargeShop): Promise<void> {
  await server.psql(INDEXES, DATABASE)
}

/** What a shell needs to reach the shop with the server's own programs. */
export function shopEnvironment(server: PostgresServer): Record<string, string> {
  return { ...server.environment(), PGDATABASE: DATABASE, PG_BIN: server.binDir }
}

async function dumpBytes(server: PostgresServer): Promise<number> {
  const { output } = await timedShell('pg_dump -Fc -Z0 | wc -c', shopEnvironment(server))
  return Number(output)
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

const INDEXES = `
  DO $$
  DECLARE t record; def text; season text;
  BEGIN
    FOR season IN SELECT nspname FROM pg_namespace WHERE nspname LIKE 'season%' LOOP
      FOR t IN SELECT c.oid, n.nspname || '_' || c.relname AS copy FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname IN ('shop', 'billing', 'audit')
      LOOP
        CONTINUE WHEN to_regclass(format('%I.%I', season, t.copy)) IS NULL;
        FOR def IN SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = t.oid AND indisvalid LOOP
          EXECUTE regexp_replace(def, '^CREATE (UNIQUE )?INDEX .* ON (ONLY )?\\S+ USING', format('CREATE \\1INDEX ON %I.%I USING', season, t.copy));
        END LOOP;
      END LOOP;
    END LOOP;
  END $$;`
