/** What a database is compared by, apart from rows and schema: each query gives rows of a name and a value. */
export const OBJECTS: Readonly<Record<string, string>> = {
  'large object': `
    SELECT m.oid::text, concat_ws(' ', length(lo_get(m.oid)), 'bytes', md5(lo_get(m.oid)), lomowner::regrole,
      (SELECT string_agg(acl::text, ',' ORDER BY acl::text) FROM unnest(lomacl) acl),
      obj_description(m.oid, 'pg_largeobject'))
    FROM pg_largeobject_metadata m`,
  extension: `SELECT extname, concat_ws(' ', extversion, extnamespace::regnamespace) FROM pg_extension`,
  'materialized view': `
    SELECT c.oid::regclass::text, CASE WHEN relispopulated THEN 'filled' ELSE 'not filled' END
    FROM pg_class c WHERE relkind = 'm'`,
  trigger: `
    SELECT format('%s on %s', tgname, tgrelid::regclass), tgenabled::text FROM pg_trigger WHERE NOT tgisinternal`,
  constraint: `
    SELECT format('%s on %s', conname, conrelid::regclass), concat_ws(' ', contype, 'validated', convalidated)
    FROM pg_constraint c JOIN pg_class r ON r.oid = conrelid
    WHERE connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND relkind <> 'm'`,
}

export const DATABASE: Readonly<Record<string, string>> = {
  database: `
    SELECT fact.* FROM pg_database d, LATERAL (VALUES
      ('owner', datdba::regrole::text), ('encoding', pg_encoding_to_char(encoding)),
      ('collate', datcollate::text), ('ctype', datctype::text), ('connection limit', datconnlimit::text),
      ('comment', shobj_description(d.oid, 'pg_database')),
      ('grants', (
        SELECT string_agg(format('%s to %s by %s%s', privilege_type, CASE grantee WHEN 0 THEN 'public' ELSE
          grantee::regrole::text END, grantor::regrole, CASE WHEN is_grantable THEN ' with grant option' END), ', '
          ORDER BY grantee::regrole::text, privilege_type)
        FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))))
    ) AS fact (name, value) WHERE datname = current_database()`,
  setting: `
    SELECT format('of %s %s', CASE setrole WHEN 0 THEN 'everybody' ELSE setrole::regrole::text END,
        CASE setdatabase WHEN 0 THEN 'everywhere' ELSE 'in the database' END), (SELECT string_agg(s, '; ' ORDER BY s) FROM unnest(setconfig) s)
    FROM pg_db_role_setting
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))`,
}

export const ROLES: Readonly<Record<string, string>> = {
  // Not the superuser the cluster was made with: it belongs to the server.
  role: `
    SELECT rolname, concat_ws(' ', rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
      rolbypassrls, rolconnlimit, rolvaliduntil, shobj_description(oid, 'pg_authid'))
    FROM pg_roles WHERE rolname !~ '^pg_' AND oid <> 10`,
  membership: `
    SELECT format('of %s in %s', member::regrole, roleid::regrole), format('admin option %s', admin_option)
    FROM pg_auth_members WHERE roleid::regrole::text !~ '^pg_'`,
}

/** Sequences are not transactional: with writers at work, two readings differ though the snapshot is one. */
export const SEQUENCES = `
  SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind = 'S'`

/** Tables and filled materialized views that hold rows of their own, with their columns in the order of names. */
export const TABLES = `
  SELECT format('%I.%I', nspname, relname) AS name,
    CASE relkind WHEN 'm' THEN '' ELSE 'ONLY ' END || format('%I.%I', nspname, relname) AS target,
    coalesce((SELECT string_agg(format('quote_nullable(the_row.%I::text)', attname), $$ || ',' || $$
                                ORDER BY attname COLLATE "C")
              FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped), $$''$$) AS text
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE (relkind = 'r' OR relkind = 'm' AND relispopulated)
    AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')`
