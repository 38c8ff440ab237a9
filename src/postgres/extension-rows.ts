/**
 * Rows that pg_dump carries of tables and sequences that belong to an extension: its configuration, which its script
 * declared (`pg_extension_config_dump`), with SQL that follows the table's name (`WHERE …`) or none. Everything else of
 * an extension its script makes anew. What comes with the server (plpgsql) is not dumped at all.
 */
export const CONFIGURATION = `
  SELECT item.oid, e.extname AS extension, item.condition
  FROM pg_catalog.pg_extension e, unnest(e.extconfig, e.extcondition) AS item (oid, condition)
  WHERE e.oid >= 16384`

/** For the aliases `c` of pg_class and `n` of its namespace: somebody's own, or configuration of an extension, in whatever schema. */
export const HAS_DUMPED_CONTENTS = `
  c.relpersistence <> 't' AND (
    c.oid IN (SELECT oid FROM (${CONFIGURATION}) configuration)
    OR n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
                    AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e'))`
