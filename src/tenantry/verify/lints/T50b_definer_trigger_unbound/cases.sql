-- case: it fetches what the row points at
-- expect: public.quote_note()
create table public.note (id int primary key, tenant_id uuid not null, body text, quotes int, quoted text);
create function public.quote_note() returns trigger language plpgsql security definer as $$
begin
    select note.body into new.quoted from public.note where note.id = new.quotes;
    return new;
end
$$;
create trigger quote before insert on public.note for each row execute function public.quote_note();

-- case: it changes what the row points at
-- expect: public.count_line()
create table public.note (id int primary key, tenant_id uuid not null, lines int);
create table public.line (id int primary key, tenant_id uuid not null, note_id int);
create function public.count_line() returns trigger language plpgsql security definer as $$
begin
    update "note" set lines = lines + 1 where id = new.note_id;
    return null;
end
$$;
create trigger count after insert on public.line for each row execute function public.count_line();

-- case: it names the tenant, asks who it is, only adds rows, reads what is nobody's, or says it in a comment
-- expect: nothing
create table public.country (code text primary key);
create table public.note (id int primary key, tenant_id uuid not null, author text, quotes int, quoted text);
create table public.log (id int, tenant_id uuid);
create table public.track (id int, tenant_id uuid);
create function public.quote_note() returns trigger language plpgsql security definer as $$
begin
    select note.author into new.quoted from public.note where note.id = new.quotes and note.tenant_id = new.tenant_id;
    return new;
end
$$;
create function public.sign_note() returns trigger language plpgsql security definer as $$
begin
    new.author := (select min(author) from public.note where author = current_setting('app.user'));
    return new;
end
$$;
create function public.log_note() returns trigger language plpgsql security definer as $$
begin
    -- what came from public.note
    insert into public.track values (new.id);
    perform from public.country;
    return null;
end
$$;
create trigger quote before insert on public.note for each row execute function public.quote_note();
create trigger sign before insert on public.note for each row execute function public.sign_note();
create trigger log after insert on public.note for each row execute function public.log_note();

-- case: it runs with the rights of the writer, or of a role that policies hold
-- expect: nothing
create table public.note (id int primary key, tenant_id uuid not null, body text, quotes int, quoted text);
create role case_quoter;
create function public.quote_note() returns trigger language plpgsql as $$
begin
    select note.body into new.quoted from public.note where note.id = new.quotes;
    return new;
end
$$;
create function public.quote_again() returns trigger language plpgsql security definer as $$
begin
    select note.body into new.quoted from public.note where note.id = new.quotes;
    return new;
end
$$;
alter function public.quote_again() owner to case_quoter;
create trigger quote before insert on public.note for each row execute function public.quote_note();
create trigger again before insert on public.note for each row execute function public.quote_again();
