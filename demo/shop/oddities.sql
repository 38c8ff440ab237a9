-- What real databases hold and tidy examples do not.

-- A column added to the parent comes last in the child here, and before the child's own after a restore.
CREATE TABLE shop.people (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE shop.staff (badge text, salary numeric) INHERITS (shop.people);
ALTER TABLE shop.people ADD COLUMN joined date DEFAULT '2020-02-29';
INSERT INTO shop.people VALUES (1, 'Ada', NULL), (2, 'Bo', '2021-03-04');
INSERT INTO shop.staff (id, name, badge, salary, joined) VALUES
  (3, 'Cleo', 'B-1', 'NaN', 'infinity'), (4, 'Dee', NULL, 'Infinity', '-infinity');

-- A table whose column has its name, and one that is called like a row in SQL.
CREATE TABLE public.t (t text, other integer);
INSERT INTO public.t VALUES ('same', 1), ('same', 2), (NULL, NULL);
CREATE TABLE public."row" ("select" integer, "ROW" text, r text);
INSERT INTO public."row" VALUES (1, 'x', 'y');
CREATE TABLE public.nothing ();
INSERT INTO public.nothing DEFAULT VALUES;
INSERT INTO public.nothing DEFAULT VALUES;
CREATE TABLE public.empty (id integer PRIMARY KEY, note text);
CREATE UNLOGGED TABLE shop.sessions (token text PRIMARY KEY, data jsonb, seen timestamptz);
INSERT INTO shop.sessions SELECT md5(i::text), '{"n": 1}', '2026-11-01Z' FROM generate_series(1, 50) i;

-- Names that want to be commands of a runner, mark-up, paths, or formats.
CREATE TABLE public.U&"x\000A ::set-output name=backup-id::gotcha" (id integer, "a""b'c\d" text, "%s $1 ${HOME}" text);
INSERT INTO public.U&"x\000A ::set-output name=backup-id::gotcha" VALUES (1, E'tab\tnewline\nbackslash\\', '\N');
COMMENT ON TABLE public.U&"x\000A ::set-output name=backup-id::gotcha"
  IS '<script>alert("shop")</script> | **bold** ##[error]not yours `code` <!-- ';
CREATE TABLE "we""ird schema"."a/../b" ("кириллица" text, "emoji 🛟" text, " " integer);
INSERT INTO "we""ird schema"."a/../b" VALUES ('да', '🛟', 0), (E'\u00e9', E'e\u0301', NULL);
CREATE TABLE "we""ird schema"."Robert'); DROP TABLE students;--" (id serial PRIMARY KEY);
INSERT INTO "we""ird schema"."Robert'); DROP TABLE students;--" DEFAULT VALUES;

CREATE TABLE public.values_of_every_kind (
  id integer PRIMARY KEY, n numeric, f double precision, f4 real, ts timestamptz, d date, b bytea, j json, jb jsonb,
  a integer[], m text[][], i interval, ip inet, mac macaddr, p point, v tsvector, u uuid, c "char", x bit(8),
  r numrange, cash money, h public.hstore, o oid, reg regclass, e shop.order_state, s shop.dimensions
);
INSERT INTO public.values_of_every_kind VALUES
  (1, 'NaN', 'NaN', '-0', 'infinity', '-infinity', '\x00ff0a5c', '{"a": 1, "a":  2}', '{"a": 2}', '[5:6]={1,2}',
   '{{a,NULL},{"NULL",""}}', '1 mon -1 day 00:00:00.000001', '::1/128', '08:00:2b:01:02:03', '(1e-300,2)',
   'fat:1A cat:2', '00000000-0000-4000-8000-000000000000', 'c', B'10101010', 'empty', 1234.5, 'a=>NULL', 42,
   'pg_class', 'packed', '(1,,3)'),
  (2, '-Infinity', '-Infinity', 3.4028235e38, '4713-01-01 BC', '5874897-12-31', '', 'null', 'null', '{}', '{}',
   '-178000000 years', '10.0.0.0/8', NULL, '(NaN,Infinity)', '', NULL, '', B'00000000', '(,)', -0.01, '', 0,
   NULL, 'cart', NULL),
  (3, 1e-130, 0.1::float8 + 0.2, 0.1, '2026-03-29 01:00:00Z', '2024-02-29', NULL, '[1,
  2]', '[]', '{NULL}', NULL, '0', '192.168.0.1', NULL, NULL, NULL, NULL, NULL, NULL, '[1.0,1.00]', NULL, NULL,
   NULL, NULL, NULL, NULL);
INSERT INTO public.values_of_every_kind (id) VALUES (4);

-- Large objects: small, empty, and one larger than two megabytes.
CREATE TABLE shop.documents (id integer PRIMARY KEY, title text, content oid);
INSERT INTO shop.documents VALUES
  (1, 'terms', lo_from_bytea(0, 'All sales are final.')),
  (2, 'blank', lo_from_bytea(0, '')),
  (3, 'catalogue', lo_from_bytea(0, (SELECT string_agg(sha512(i::text::bytea), '') FROM generate_series(1, 45000) i)));
SELECT format('GRANT SELECT ON LARGE OBJECT %s TO shop_readers', content),
       format('COMMENT ON LARGE OBJECT %s IS %L', content, title)
FROM shop.documents ORDER BY id \gexec
