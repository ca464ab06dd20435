-- case: a program, a connection and a web request
-- expect: public.run(), public.dial(), public.call()
create function public.run() returns void language plpgsql as $$ begin copy (select 1) to program 'cat'; end $$;
create function public.dial() returns void language plpgsql as $$ begin perform dblink_connect('dbname=other'); end $$;
create function public.call() returns void language plpgsql
as $$ begin perform net.http_post(url := 'https://a'); end $$;

-- case: an untrusted language
-- expect: public.matches()
create function public.matches() returns trigger language c as '$libdir/plpgsql', 'plpgsql_call_handler';

-- case: stays inside
-- expect: nothing
create function public.load() returns void language plpgsql as $$
begin
    -- copy log from program 'cat'
    create temporary table program (line text);
end $$;
