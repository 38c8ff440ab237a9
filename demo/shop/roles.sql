-- Roles belong to the server, not to the database: a second shop on the same server finds them there.
SELECT format('CREATE ROLE %I %s', name, options)
FROM (VALUES
  ('shop_owner', 'NOLOGIN'),
  ('shop_app', 'LOGIN PASSWORD ''app-s3cret'' CONNECTION LIMIT 50'),
  ('shop_reporting', 'LOGIN PASSWORD ''reporting-s3cret'' VALID UNTIL ''2038-01-01 00:00:00+00'''),
  ('shop_readers', 'NOLOGIN'),
  ('shop_support', 'LOGIN NOINHERIT PASSWORD ''support-s3cret'''),
  ('Shop "night" team', 'LOGIN CREATEROLE')
) AS wanted (name, options)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

GRANT shop_readers TO shop_reporting;
GRANT shop_readers TO shop_support WITH ADMIN OPTION;
GRANT shop_owner TO "Shop ""night"" team";
COMMENT ON ROLE shop_readers IS 'May read what is not personal';
ALTER ROLE shop_reporting SET statement_timeout = '15min';

ALTER DATABASE :"database" OWNER TO shop_owner;
REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO shop_app, shop_readers, shop_support;
GRANT TEMPORARY ON DATABASE :"database" TO shop_app WITH GRANT OPTION;
COMMENT ON DATABASE :"database" IS 'Everything; ask the "night" team before you touch it';
ALTER DATABASE :"database" SET search_path = shop, public;
ALTER DATABASE :"database" SET timezone = 'Europe/Zurich';
ALTER DATABASE :"database" SET shop.currency = 'CHF; it''s "francs"';
ALTER ROLE shop_app IN DATABASE :"database" SET search_path = shop, billing, public;
ALTER ROLE shop_reporting IN DATABASE :"database" SET work_mem = '64MB';
ALTER ROLE shop_reporting IN DATABASE :"database" SET default_transaction_read_only = on;
