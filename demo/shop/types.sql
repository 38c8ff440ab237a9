CREATE EXTENSION pg_trgm;
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION btree_gist;
CREATE EXTENSION postgres_fdw;
GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO shop_owner;
GRANT CREATE ON SCHEMA public TO shop_owner;

SET SESSION AUTHORIZATION shop_owner;
CREATE SCHEMA shop;
CREATE SCHEMA billing;
CREATE SCHEMA audit;
CREATE SCHEMA "we""ird schema";
COMMENT ON SCHEMA shop IS 'What customers see';

CREATE TYPE shop.order_state AS ENUM ('cart', 'placed', 'paid', 'shipped', 'done', 'cancelled');
ALTER TYPE shop.order_state ADD VALUE 'packed' BEFORE 'shipped';
CREATE TYPE billing.method AS ENUM ('card', 'invoice', 'twint', 'voucher');
CREATE TYPE shop.dimensions AS (width_mm integer, height_mm integer, depth_mm integer);
CREATE TYPE billing.period AS RANGE (subtype = date);
CREATE DOMAIN shop.money_amount AS numeric(14, 2) CHECK (VALUE = 'NaN' OR VALUE > -1000000000);
CREATE DOMAIN shop.email AS public.citext CHECK (VALUE ~ '^[^@\s]+@[^@\s]+$');
CREATE DOMAIN shop.country AS char(2) DEFAULT 'CH' CHECK (VALUE ~ '^[A-Z]{2}$');
CREATE COLLATION shop.natural_order (provider = icu, locale = 'en-u-kn-true');
CREATE TEXT SEARCH CONFIGURATION shop.product_text (COPY = pg_catalog.english);
CREATE SEQUENCE billing.invoice_number START 10001 INCREMENT 1 CACHE 1;
CREATE SEQUENCE shop.countdown AS smallint INCREMENT -5 MINVALUE -100 MAXVALUE 100 START 100 CYCLE;
CREATE SEQUENCE shop.never_called START 7;

CREATE FUNCTION shop.slug(title text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT lower(regexp_replace(title, '[^A-Za-z0-9]+', '-', 'g')) $$;
CREATE FUNCTION shop.volume(size shop.dimensions) RETURNS bigint LANGUAGE sql IMMUTABLE
  AS $$ SELECT (size).width_mm::bigint * (size).height_mm * (size).depth_mm $$;
CREATE AGGREGATE shop.product_of(numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1');
