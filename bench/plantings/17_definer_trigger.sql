-- about: a trigger runs with the rights of its owner and fetches what its row points at, whoever owns it
-- expect: public.quote_message, public.messages
-- fault: security definer trigger
-- topic: trigger|definer

alter table public.messages add column quote_of uuid, add column quoted text;
create function public.quote_message() returns trigger
    language plpgsql security definer
    set search_path = ''
    as $$
begin
    select message.body into new.quoted from public.messages as message where message.id = new.quote_of;
    return new;
end
$$;
revoke execute on function public.quote_message() from public;
create trigger quote_message before insert on public.messages for each row execute function public.quote_message();

-- proof as authenticated:
insert into public.messages (tenant_id, body, quote_of)
    values ('aaaaaaaa-0000-4000-8000-000000000000', 'as they said:', 'b0000000-0000-4000-8000-0000000000e0');
select exists (select from public.messages where quoted = 'SECRET of B');
