-- Indexes, keys, triggers, views and rights come after the rows, as they would in a migration.
CREATE INDEX products_title_trigrams ON shop.products USING gin (title public.gin_trgm_ops);
CREATE INDEX products_attributes ON shop.products USING gin (attributes jsonb_path_ops);
CREATE UNIQUE INDEX products_slug ON shop.products (lower(slug)) INCLUDE (price);
CREATE INDEX orders_open ON shop.orders (customer_id, placed_at DESC) WHERE state IN ('placed', 'paid');
CREATE INDEX order_items_product ON shop.order_items (product_id);
CREATE INDEX log_at ON audit.log USING brin (at);
ALTER TABLE shop.products CLUSTER ON products_slug;
ALTER TABLE shop.order_items ADD CONSTRAINT order_items_order FOREIGN KEY (order_id, placed_at)
  REFERENCES shop.orders DEFERRABLE INITIALLY DEFERRED;
-- Orphans that a NOT VALID key tolerates, and that a restore has to keep.
INSERT INTO shop.reviews (product_id, customer_id, stars, body) VALUES (999999999, 1, 5, 'of a product long gone');
ALTER TABLE shop.reviews ADD CONSTRAINT reviews_product FOREIGN KEY (product_id) REFERENCES shop.products NOT VALID;
ALTER TABLE billing.refunds ADD CONSTRAINT one_refund UNIQUE (payment_id) DEFERRABLE;
CREATE STATISTICS shop.orders_state (dependencies, mcv) ON state, coupon FROM shop.orders;
ALTER TABLE shop.customers ALTER COLUMN email SET STATISTICS 500;
ALTER TABLE shop.customers ALTER COLUMN preferences SET STORAGE EXTERNAL;

CREATE FUNCTION audit.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp AS $$
BEGIN
  INSERT INTO audit.log (at, actor, action, entity) VALUES (now(), 'trigger', TG_OP, TG_TABLE_NAME);
  RETURN NULL;
END $$;
CREATE TRIGGER note_price AFTER UPDATE OF price ON shop.products FOR EACH STATEMENT EXECUTE FUNCTION audit.note();
CREATE TRIGGER note_orders AFTER DELETE ON shop.orders FOR EACH ROW EXECUTE FUNCTION audit.note();
CREATE CONSTRAINT TRIGGER note_payment AFTER INSERT ON billing.payments DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audit.note();
ALTER TABLE shop.products DISABLE TRIGGER note_price;
CREATE RULE keep_coupons AS ON DELETE TO shop.coupons DO INSTEAD NOTHING;
CREATE PROCEDURE shop.cancel(bigint) LANGUAGE sql AS $$ UPDATE shop.orders SET state = 'cancelled' WHERE id = $1 $$;

CREATE VIEW shop.open_orders WITH (security_barrier) AS
  SELECT id, customer_id, placed_at, total FROM shop.orders WHERE state IN ('placed', 'paid') WITH CHECK OPTION;
CREATE MATERIALIZED VIEW shop.revenue AS
  SELECT date_trunc('month', placed_at AT TIME ZONE 'UTC') AS month, state, count(*) AS orders, sum(total::numeric) AS total
  FROM shop.orders GROUP BY 1, 2;
CREATE UNIQUE INDEX revenue_month ON shop.revenue (month, state);
CREATE MATERIALIZED VIEW shop.best_sellers AS
  SELECT product_id, sum(quantity) AS sold FROM shop.order_items GROUP BY 1 WITH NO DATA;

ALTER TABLE shop.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_row ON shop.customers TO shop_app
  USING (id = nullif(current_setting('shop.customer', true), '')::bigint) WITH CHECK (true);
CREATE POLICY adults ON shop.customers AS RESTRICTIVE FOR SELECT TO shop_readers USING (born < '2008-01-01');
ALTER TABLE shop.addresses ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.addresses FORCE ROW LEVEL SECURITY;
CREATE POLICY all_of_it ON shop.addresses USING (true);

GRANT USAGE ON SCHEMA shop, billing TO shop_app, shop_readers;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop TO shop_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA shop, billing TO shop_app;
GRANT SELECT ON shop.products, shop.orders, shop.order_items TO shop_readers;
GRANT SELECT (id, name), UPDATE (name) ON shop.customers TO shop_support WITH GRANT OPTION;
REVOKE EXECUTE ON FUNCTION audit.note() FROM PUBLIC;
GRANT USAGE ON TYPE shop.dimensions TO shop_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO shop_readers;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE SERVER erp FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'erp.example.com', dbname 'erp', port '5432');
CREATE USER MAPPING FOR shop_app SERVER erp OPTIONS (user 'shop', password 'erp-s3cret');
CREATE FOREIGN TABLE shop.erp_stock (sku text OPTIONS (column_name 'article'), stock integer) SERVER erp
  OPTIONS (schema_name 'public', table_name 'stock');

RESET SESSION AUTHORIZATION;
GRANT SELECT ON shop.products TO "Shop ""night"" team";
CREATE FUNCTION audit.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM tg_tag; END $$;
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION audit.on_ddl();
CREATE PUBLICATION shop_feed FOR TABLE shop.products, shop.orders WITH (publish = 'insert, update');
-- An index whose building failed stays behind, invalid; pg_dump leaves it out.
\set ON_ERROR_STOP off
CREATE UNIQUE INDEX CONCURRENTLY reviews_stars_unique ON shop.reviews (stars);
\set ON_ERROR_STOP on
ANALYZE;
