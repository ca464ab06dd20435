-- case: a security definer trigger of a superuser
-- expect: public.log_booking()
create table public.booking (id int primary key, tenant_id uuid not null);
create function public.log_booking() returns trigger language plpgsql security definer as $$ begin return new; end $$;
create trigger log after insert on public.booking for each row execute function public.log_booking();

-- case: a rule that writes elsewhere
-- expect: public.booking
create table public.booking (id int primary key, tenant_id uuid not null);
create table public.log (id int);
create rule log as on insert to public.booking do also insert into public.log values (new.id);

-- case: a trigger with the writer's rights, and one of a role that policies hold
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create role case_logger;
create function public.stamp_booking() returns trigger language plpgsql as $$ begin return new; end $$;
create function public.log_booking() returns trigger language plpgsql security definer as $$ begin return new; end $$;
alter function public.log_booking() owner to case_logger;
create trigger stamp before insert on public.booking for each row execute function public.stamp_booking();
create trigger log after insert on public.booking for each row execute function public.log_booking();

-- case: what T50b tells of
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null, repeats int);
create function public.follow_booking() returns trigger language plpgsql security definer as $$
begin update public.booking set repeats = 1 where id = new.repeats; return null; end $$;
create trigger follow after insert on public.booking for each row execute function public.follow_booking();
