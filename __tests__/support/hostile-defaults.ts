import type { PostgresServer } from './postgres-server.ts'

/** In the message of whatever stands in the place of PostgreSQL's own. */
export const STOLEN = 'STOLEN BY'

/**
 * Puts a function of the owner's beside every function and operator of PostgreSQL's, in a schema that comes first in the
 * path of everybody; each of them fails, with `STOLEN` in its message and in the server's log. Then sets whatever else
 * the owner of a database and of a role may set to disturb sessions. `role` may be one that comes later: null.
 */
export async function setHostileDefaults(
  server: PostgresServer,
  database: string,
  roles: readonly string[],
): Promise<void> {
  await server.psql(DECOYS, database)
  const targets = [`DATABASE "${database}"`, ...roles.map((role) => `ROLE "${role}"`)]
  const statements = targets.flatMap((target) =>
    Object.entries(HOSTILE).map(([name, value]) => `ALTER ${target} SET ${name} = ${value}`),
  )
  await server.psql(statements.join(';\n'))
}

const HOSTILE: Readonly<Record<string, string>> = {
  search_path: 'evil, pg_catalog, public',
  client_encoding: 'LATIN1',
  standard_conforming_strings: 'off',
  quote_all_identifiers: 'on',
  row_security: 'on',
  check_function_bodies: 'on',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  transform_null_equals: 'on',
  array_nulls: 'off',
  xmloption: 'document',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  datestyle: `'SQL, DMY'`,
  intervalstyle: 'sql_standard',
  timezone: `'Asia/Tokyo'`,
  lc_messages: `'C'`,
}

/** One by one, for some signatures are refused (pseudo-types, internal arguments): those can't be called by us either. */
const DECOYS = `
  CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
  DO $decoys$
  DECLARE each record; body text;
  BEGIN
    FOR each IN SELECT p.proname, p.oid::regprocedure AS signature, pg_catalog.format_type(p.prorettype, NULL) AS result,
                       p.proretset, (SELECT pg_catalog.string_agg(pg_catalog.format_type(t, NULL), ', ' ORDER BY n)
                        FROM pg_catalog.unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (t, n)) AS arguments
                FROM pg_catalog.pg_proc p
                WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset
                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_operator o WHERE o.oprcode = p.oid)
    LOOP
      body := pg_catalog.format('BEGIN RAISE EXCEPTION ''${STOLEN} %%'', %L; END', each.signature::text);
      BEGIN
        EXECUTE pg_catalog.format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE plpgsql COST 1 AS %L',
                                  each.proname, each.arguments, each.result, body);
      EXCEPTION WHEN OTHERS THEN NULL;
      END;
    END LOOP;
    FOR each IN SELECT o.oprname, o.oprleft::regtype AS l, o.oprright::regtype AS r, o.oprresult::regtype AS result, o.oid
                FROM pg_catalog.pg_operator o
                WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprleft <> 0
    LOOP
      body := pg_catalog.format('BEGIN RAISE EXCEPTION ''${STOLEN} %%'', %L; END', each.oid::regoperator::text);
      BEGIN
        EXECUTE pg_catalog.format('CREATE FUNCTION evil.decoy_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L',
                                  each.oid, each.l, each.r, each.result, body);
        EXECUTE pg_catalog.format('CREATE OPERATOR evil.%s (FUNCTION = evil.decoy_%s, LEFTARG = %s, RIGHTARG = %s)',
                                  each.oprname, each.oid, each.l, each.r);
      EXCEPTION WHEN OTHERS THEN NULL;
      END;
    END LOOP;
  END $decoys$;
  CREATE FUNCTION evil.decoy_near(oid, int) RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '${STOLEN} a closer match'; END $$;
  CREATE OPERATOR evil.>= (FUNCTION = evil.decoy_near, LEFTARG = oid, RIGHTARG = int);
  CREATE OPERATOR evil.= (FUNCTION = evil.decoy_near, LEFTARG = oid, RIGHTARG = int);`
