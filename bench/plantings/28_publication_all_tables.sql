-- about: a publication sends the rows of all tables and tenants to whoever subscribes
-- expect: everything
-- fault: publication for all tables
-- topic: publication|replicat

create publication everything for all tables;

-- proof as postgres:
select exists (select from pg_publication_tables where pubname = 'everything' and tablename = 'invoices' and rowfilter is null);
