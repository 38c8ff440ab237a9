-- Rows by the thousand, the same for the same scale. Words, repeated codes and hashes are mixed so that the dump
-- compresses about as well as a real shop's.
SET max_parallel_workers_per_gather = 0;
SET synchronous_commit = off;
SELECT setseed(0.42) \gset

CREATE TEMPORARY TABLE size AS
  SELECT greatest(20, 10000 * :scale)::integer AS orders, greatest(10, 3000 * sqrt(:scale))::integer AS customers,
         greatest(10, 800 * sqrt(:scale))::integer AS products;
-- `pieces` phrases and words, the same for the same seed.
CREATE FUNCTION pg_temp.prose(seed bigint, pieces integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  phrases CONSTANT text[] := '{arrived a day early,well packed and complete,would buy it again,not quite as pictured,
    made of solid oak,the seams came loose,easy to put together,a present for my sister,fits under the window,
    smells of fresh paint,the screws were missing,customer service was kind,washable at thirty degrees,keeps coffee warm,
    made in small batches,delivered by bicycle,suitable for outdoor use,two years of warranty,replaces the older model,
    available in three colours,tested in our own kitchen,the manual is in Italian only,runs on two batteries,
    folds flat for storage,safe for small children,a little louder than expected,better than the one before,
    cut from a single sheet,can be repaired at home,refund took three weeks,from recycled plastic,holds twelve litres}';
  words CONSTANT text[] := '{blue,table,garden,lamp,summer,quickly,linen,steel,morning,honest,chair,kettle,narrow,silver,
    bread,winter,light,pepper,station,copper,quiet,ladder,window,travel,market,paper,village,bottle,corner,velvet,
    simple,mountain,basket,yellow,thread,orange,button,forest,handle,mirror,pocket,carpet,bright,cotton,hammer,island,
    jacket,kitchen,lantern,magnet,needle,oyster,pillow,quilt,ribbon,saddle,teapot,umbrella,violet,walnut,anchor,barrel,
    candle,dagger}';
  text text := '';
  dice bigint;
BEGIN
  FOR i IN 1..pieces LOOP
    dice := hashint8extended(seed * 1000 + i, 42) & 1048575;
    text := text || CASE WHEN dice % 3 = 0 THEN phrases[1 + (dice >> 4) % 32] ELSE words[1 + (dice >> 4) % 64] END
      || CASE WHEN dice % 7 = 0 THEN '. ' ELSE ' ' END;
  END LOOP;
  RETURN text;
END $$;

INSERT INTO shop.suppliers (name, country, contacts, certified)
  SELECT 'Supplier ' || i, (ARRAY['CH', 'DE', 'FR', 'IT'])[1 + i % 4], public.hstore('phone', '+41 ' || i * 7919),
         ARRAY[daterange('2020-01-01', '2021-01-01'), daterange('2024-01-01', NULL)]
  FROM generate_series(1, 40) i;
INSERT INTO shop.categories (parent_id, name) SELECT CASE WHEN i > 5 THEN 1 + i % 5 END, 'Category ' || i
  FROM generate_series(1, 60) i;
INSERT INTO shop.products (category_id, supplier_id, title, description, price, size, tags, attributes, created_at)
  SELECT 1 + i % 60, 1 + i % 40, initcap(pg_temp.prose(i, 3)) || i, pg_temp.prose(-i, 60 + i % 50),
         round((5 + random() * 500)::numeric, 2), ROW(1 + i % 900, 1 + i % 400, 1 + i % 70)::shop.dimensions,
         ARRAY['room ' || i % 50, 'style ' || i % 90],
         jsonb_build_object('brand', 'Brand ' || i % 200, 'warranty_months', 12 * (1 + i % 3), 'eco', i % 2 = 0,
                            'materials', jsonb_build_array('wood ' || i % 30, 'cloth ' || i % 31)),
         '2023-01-01Z'::timestamptz + i * interval '17 minutes'
  FROM size, generate_series(1, products) i;
INSERT INTO shop.variants SELECT id, 'SKU-' || id || '-' || v, (ARRAY['red', 'blue', NULL])[v], 100 + id % 5000,
         decode(md5(id::text || v), 'hex') FROM shop.products, generate_series(1, 3) v;
INSERT INTO shop.warehouses VALUES ('ZRH', '(47.45,8.56)', '10.1.0.0/16', '2019-05-01'),
         ('GVA', '(46.23,6.1)', '10.2.0.0/16', '2021-09-01');
INSERT INTO shop.inventory SELECT code, id, (random() * 300)::integer, CASE WHEN id % 7 > 0 THEN '2026-10-31Z' ELSE
         '-infinity'::timestamptz END FROM shop.warehouses, shop.products;
INSERT INTO shop.customers (email, name, born, preferences, last_ip, blocked_until, api_key)
  SELECT 'customer' || i || '@example.com', initcap(pg_temp.prose(i + 5000000, 2)), '1950-01-01'::date + (random() * 20000)::integer,
         format('{"newsletter": %s,  "language":"%s"}', (i % 3 = 0)::text, (ARRAY['de', 'fr', 'it'])[1 + i % 3])::json,
         '10.0.0.0'::inet + i, CASE WHEN i % 500 = 0 THEN 'infinity'::timestamptz END, md5(i::text)::uuid
  FROM size, generate_series(1, customers) i;
INSERT INTO shop.addresses (customer_id, lines, postcode, country)
  SELECT id, ARRAY[name, 'Bahnhofstrasse ' || id % 200], (1000 + id % 8999)::text, 'CH' FROM shop.customers;
INSERT INTO shop.coupons SELECT 'SAVE' || i, i, billing.period('2024-01-01', NULL), jsonb_build_object('min', i * 10)
  FROM generate_series(1, 30) i;
INSERT INTO shop.orders (id, customer_id, state, placed_at, coupon, total, notes, details)
  SELECT i, 1 + floor(random() * customers), (enum_range(NULL::shop.order_state))[1 + i % 7],
         '2023-11-01Z'::timestamptz + interval '3 years' * i / orders, CASE WHEN i % 9 = 0 THEN 'save' || 1 + i % 30 END,
         round((random() * 900)::numeric, 2), CASE WHEN i % 4 = 0 THEN pg_temp.prose(i + 9000000, 12) END,
         jsonb_build_object('channel', (ARRAY['web', 'app', 'phone'])[1 + i % 3], 'agent', 'Mozilla/5.0 (X11; Linux x86_64) Build/' || i % 97,
                            'trace', to_hex(i * 2654435761 % 4294967296), 'gift', i % 11 = 0)
  FROM size, generate_series(1, orders) i;
INSERT INTO shop.order_items (order_id, placed_at, line, product_id, quantity, price)
  SELECT id, placed_at, line, 100 + floor(random() * products), 1 + floor(random() * 4), round((random() * 400)::numeric, 2)
  FROM shop.orders, size, generate_series(1, 3) line;
INSERT INTO shop.carts SELECT md5('cart' || i)::uuid, i, jsonb_build_object('items', jsonb_build_array(i % 700, i % 300)),
         '2026-11-01'::timestamp + i * interval '1 second' FROM size, generate_series(1, orders / 5) i;
INSERT INTO shop.reviews (product_id, customer_id, stars, body)
  SELECT 100 + floor(random() * products), 1 + floor(random() * customers), 1 + i % 5, pg_temp.prose(i + 20000000, 40 + i % 80)
  FROM size, generate_series(1, orders / 2) i;
INSERT INTO shop.shipments (order_id, tracking, took, weight_kg, flags)
  SELECT id, '99.00.' || lpad(id::text, 12, '0'), interval '1 day' * (id % 5), random() * 20, (id % 16)::bit(4) FROM shop.orders;
INSERT INTO billing.payments (id, order_id, method, amount, reference, receipt)
  SELECT id, id, (enum_range(NULL::billing.method))[1 + id % 4], total, 'pi_' || md5('pay' || id),
         CASE WHEN id % 20 = 0 THEN (SELECT string_agg(sha256((id || '/' || n)::bytea), '') FROM generate_series(1, 8) n) END
  FROM shop.orders;
INSERT INTO billing.refunds (payment_id, amount, reason) SELECT id, amount / 2, 'damaged' FROM billing.payments WHERE id % 50 = 0;
INSERT INTO billing.rates VALUES ('EUR', '{[2024-01-01,2025-01-01),[2026-01-01,)}', 0.9312), ('XXX', '{}', 'NaN');
INSERT INTO audit.log
  SELECT placed_at + n * interval '5 seconds', CASE WHEN n = 2 THEN 'app' ELSE 'employee ' || id % 20 END,
         (ARRAY['insert', 'update', 'login'])[n], 'shop.orders/' || id,
         jsonb_build_object('state', ARRAY['placed', 'paid'], 'by', 'agent ' || id % 300, 'row', to_jsonb(orders) - 'details'),
         CASE WHEN n = 1 THEN decode(md5(id::text), 'hex') END
  FROM shop.orders, generate_series(1, 3) n;
SELECT setval('billing.invoice_number', 10000 + (SELECT orders FROM size)) \gset
SELECT nextval('shop.countdown') \gset
DROP TABLE size;
