-- case: tenant_id = tenant_id
-- expect: public.is_member(tenant_id uuid)
create table public.member (tenant_id uuid, name text);
create function public.is_member(tenant_id uuid) returns boolean language sql stable as $$
    select exists (select from public.member as m where m.tenant_id = tenant_id and m.name = current_user)
$$;

-- case: the parameter is named in full, or has a name of its own
-- expect: nothing
create table public.member (tenant_id uuid, name text);
create function public.is_member(tenant_id uuid) returns boolean language sql stable as $$
    select exists (select from public.member as m where m.tenant_id = is_member.tenant_id and m.name = current_user)
$$;
create function public.is_guest(tenant uuid) returns boolean language sql stable as $$
    select exists (select from public.member where tenant_id = tenant)
$$;
