import { OWN_PATH } from './identifier.ts'

/**
 * Settings under which our statements mean one thing and a row has one text form, whatever the role and the database
 * have set, and no limit of theirs ends our work half-way. Every supported server knows them, and everybody may set
 * them. The first is the one that decides what all later names mean.
 */
const PINNED = {
  search_path: OWN_PATH,
  standard_conforming_strings: 'on',
  // One error would end the session.
  exit_on_error: 'off',
  transform_null_equals: 'off',
  array_nulls: 'on',
  DateStyle: `'ISO, YMD'`,
  IntervalStyle: 'postgres',
  TimeZone: `'UTC'`,
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: `'C'`,
  xmlbinary: 'base64',
  quote_all_identifiers: 'off',
  row_security: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  jit: 'off',
  // On, it has the planner compute CHECK constraints, which is code of an owner.
  constraint_exclusion: 'partition',
  client_encoding: `'UTF8'`,
  default_transaction_isolation: `'read committed'`,
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  // A vanished runner must not hold locks until TCP gives up, two hours later.
  idle_in_transaction_session_timeout: '300000',
  tcp_keepalives_idle: '60',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '6',
} as const

/**
 * The first statement of every session. `SET` calls no function and uses no operator and no type, so that nobody's
 * object can stand in the place of one: not even before the search path is ours.
 */
export const FIRST_STATEMENT = Object.entries(PINNED)
  .map(([name, value]) => `SET ${name} TO ${value}`)
  .join('; ')

/**
 * The second: settings that not every server has. Two limits (14 and 17), and since the minor releases of August 2024
 * the one that keeps a view, put in the place of a table or sequence by its owner, from running the owner's code as us.
 */
export const SECOND_STATEMENT = `
  SELECT pg_catalog.set_config(known.name, wanted.value, false)
  FROM (VALUES ('idle_session_timeout'::pg_catalog.text, '0'::pg_catalog.text), ('transaction_timeout', '0'),
    ('restrict_nonsystem_relation_kind', 'view, foreign-table')) AS wanted (name, value)
  JOIN pg_catalog.pg_settings AS known ON known.name OPERATOR(pg_catalog.=) wanted.name`
