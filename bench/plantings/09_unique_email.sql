-- about: an e-mail address is unique across all tenants, so its refusal tells who is a customer elsewhere
-- expect: public.customers, customers_email_key
-- fault: global unique(email)
-- topic: unique|exist|oracle|23505|key

alter table public.customers drop constraint customers_tenant_id_email_key;
alter table public.customers add constraint customers_email_key unique (email);

-- proof as authenticated:
do $$
begin
    insert into public.customers (tenant_id, name, email) values ('aaaaaaaa-0000-4000-8000-000000000000', 'guess', 'dmitri@x.example');
exception when unique_violation then
    perform set_config('bench.seen', 'yes', false);
end
$$;
select current_setting('bench.seen', true) = 'yes';
