-- Who asks: the request middleware sets app.restaurant_id and app.user_id, policies read them here.

create function public.current_restaurant_id() returns uuid
language sql stable
as $$
    select nullif(current_setting('app.restaurant_id', true), '')::uuid
$$;

create function public.current_user_id() returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select nullif(current_setting('app.user_id', true), '')::uuid
$$;

-- Jobs and imports call this when they must not run without a restaurant.
create function public.require_restaurant_context() returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if public.current_restaurant_id() is null then
        raise exception 'no restaurant context' using errcode = 'insufficient_privilege';
    end if;
    return public.current_restaurant_id();
end
$$;

-- Called by the API once per request, after the session cookie has been checked.
create function public.set_restaurant_context(p_restaurant_id uuid, p_user_id uuid default null) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('app.restaurant_id', p_restaurant_id::text, false);
    perform set_config('app.user_id', coalesce(p_user_id::text, ''), false);
end
$$;

create function public.touch_updated_at() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := now();
    return new;
end
$$;
