import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAction } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { compareDatabases } from '../support/database-digest.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { emptyStore, StoredBackups, type StoredBackup } from '../support/stored-backups.ts'

/**
 * Rows that only one order brings, the reverse of the archive's: each table's CHECK asks the next table. Beside it all
 * that acts upon rows that come (it must not be there when they are tried again), and what takes grants or sees commands.
 */
const ORDERLY = `
CREATE FUNCTION filled(name text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE found boolean;
BEGIN
  EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO found;
  IF NOT found THEN RAISE EXCEPTION 'permission denied: No space left on device, % does not exist', name; END IF;
  RETURN found;
END $$;
CREATE SCHEMA twin;
CREATE TABLE public.d (id int PRIMARY KEY, note text);
CREATE TABLE public.c (id int PRIMARY KEY, note text);
CREATE TABLE public.b (id int PRIMARY KEY, note text);
CREATE TABLE public.a (id int PRIMARY KEY REFERENCES public.d, note text);
CREATE TABLE twin.a (id int, note text);
CREATE TABLE public.touched (by text);
INSERT INTO public.d SELECT g, 'd' FROM generate_series(1, 3000) g;
INSERT INTO public.c TABLE public.d;
INSERT INTO public.b TABLE public.d;
INSERT INTO public.a TABLE public.d;
INSERT INTO twin.a TABLE public.d;
ALTER TABLE public.c ADD CHECK (public.filled('public.d'));
ALTER TABLE public.b ADD CHECK (public.filled('public.c'));
ALTER TABLE public.a ADD CHECK (public.filled('public.b'));
ALTER TABLE twin.a ADD CHECK (public.filled('public.a'));
CREATE FUNCTION of_b(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM public.filled('twin.a'); RETURN id; END $$;
CREATE INDEX touched_by ON public.d (public.of_b(id));
COMMENT ON INDEX public.touched_by IS 'over rows that come late';
ALTER TABLE public.a ADD CONSTRAINT never CHECK (note = 'other') NOT VALID;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.touched VALUES (tg_name); RETURN NULL; END $$;
CREATE TRIGGER touch_a AFTER INSERT ON public.a FOR EACH STATEMENT EXECUTE FUNCTION public.touch();
CREATE TRIGGER touch_twin AFTER INSERT ON twin.a FOR EACH STATEMENT EXECUTE FUNCTION public.touch();
CREATE RULE nothing AS ON INSERT TO public.b DO INSTEAD NOTHING;
ALTER TABLE public.c ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.c FORCE ROW LEVEL SECURITY;
CREATE POLICY nobody ON public.c USING (false);
CREATE ROLE order_owner; CREATE ROLE order_reader;
CREATE TABLE public.sales AS SELECT g AS amount FROM generate_series(1, 9) g;
ALTER TABLE public.sales OWNER TO order_owner;
GRANT SELECT ON public.sales TO order_reader;
GRANT CREATE ON SCHEMA public TO order_reader;
SET ROLE order_reader;
CREATE MATERIALIZED VIEW public.totals AS SELECT sum(amount) FROM public.sales;
RESET ROLE;
CREATE TABLE public.orphan AS SELECT 0 AS id;
ALTER TABLE public.orphan ADD FOREIGN KEY (id) REFERENCES public.d NOT VALID;
CREATE FUNCTION log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.touched VALUES (tg_tag); END $$;
CREATE EVENT TRIGGER log_ddl ON ddl_command_end EXECUTE FUNCTION public.log_ddl();
COMMENT ON EVENT TRIGGER log_ddl IS 'sees everything';
`

describe('rows that only one order brings', () => {
  let folder: string
  let keys: KeyPair
  let source: PostgresServer
  let server: PostgresServer
  let store: StoredBackups
  let backup: StoredBackup

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-order-'))
    keys = await keyPair()
    ;[source, server] = await Promise.all([startPostgres(), startPostgres()])
    await source.psql('CREATE DATABASE shop')
    await source.psql(ORDERLY, 'shop')
    store = new StoredBackups(await emptyStore(folder), keys)
    backup = await store.backUp(source.url('shop'))
  })
  afterAll(async () => {
    await source[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it.each(['', 'memory=0B'])('come back in a verification (limits: %s)', async (limits) => {
    const result = await store.verify(backup, { limits })
    expect(result.log).not.toMatch(/^::(error|warning)::/m)
    expect(result).toMatchObject({ exitCode: 0, outputs: { verdict: 'ok' } })
  })

  it.each([{}, { clean: 'true' }])(
    'come back in a restore (%j), and nothing acts upon them',
    async (inputs) => {
      await server.psql('DROP DATABASE IF EXISTS shop')
      await server.psql('CREATE DATABASE shop TEMPLATE template0')
      const result = await runAction({
        inputs: {
          command: 'restore',
          bucket: `file://${join(backup.folder, '../../..')}`,
          'target-database-url': server.url('shop'),
          confirm: 'shop',
          ...inputs,
        },
        env: { AGE_IDENTITY: keys.identity },
      })
      expect(result.log).not.toMatch(/^::error::/m)
      expect(result).toMatchObject({ exitCode: 0, outputs: { 'not-restored': '0' } })
      expect(await server.psql('SELECT count(*) FROM public.touched', 'shop')).toBe(
        await source.psql('SELECT count(*) FROM public.touched', 'shop'),
      )
      const { binDir } = source
      expect(
        await compareDatabases({ url: source.url('shop'), binDir }, { url: server.url('shop'), binDir }),
      ).toEqual([])
    },
  )
})
