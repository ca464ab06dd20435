-- about: a foreign table has no policies and reads with the rights of its user mapping
-- expect: public.old_invoices
-- fault: foreign table granted
-- topic: foreign|another tenant|other tenant

create extension postgres_fdw;
do $$
begin
    execute format('create server loopback foreign data wrapper postgres_fdw options (host %L, port %L, dbname %L)',
        current_setting('unix_socket_directories'), current_setting('port'), current_database());
end
$$;
create user mapping for public server loopback options (user 'postgres', password_required 'false');
create foreign table public.old_invoices (tenant_id uuid, id uuid, total_cents integer, memo text)
    server loopback options (schema_name 'public', table_name 'invoices');
grant select on public.old_invoices to authenticated;

-- proof as authenticated:
select exists (select from public.old_invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
