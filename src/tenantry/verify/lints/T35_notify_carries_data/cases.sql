-- case: a function sends a row
-- expect: public.tell()
create function public.tell() returns trigger language plpgsql as $$
begin
    perform pg_notify('booking', row_to_json(new)::text);
    return new;
end $$;

-- case: a NOTIFY with a payload, and a body in standard SQL
-- expect: public.tell(), public.shout()
create function public.tell() returns void language plpgsql as $$ begin notify booking, 'guest 7'; end $$;
create function public.shout() returns void language sql
begin atomic select pg_notify('booking', current_user::text); end;

-- case: a notification without data
-- expect: nothing
create function public.tell() returns void language plpgsql as $$
begin
    -- pg_notify('booking', 'a comment')
    perform pg_notify('booking', '');
    notify booking;
end $$;
