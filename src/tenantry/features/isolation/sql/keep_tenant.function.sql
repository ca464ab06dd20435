-- object: function tenantry.keep_tenant()
-- about: Refuses to change the tenant of a row; a trigger of each table calls it where the tenant would change. It
--   runs as whoever writes and holds for everyone, also where no policy does.
-- lock: none
-- undo: drop function tenantry.keep_tenant()

create or replace function tenantry.keep_tenant() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using errcode = 'TN050', schema = tg_table_schema, table = tg_table_name,
        message = format('a row of %I.%I cannot change its tenant', tg_table_schema, tg_table_name),
        hint = 'Insert a row for the other tenant and delete this one, or say in the blueprint why rows may move.';
end
$$;

alter function tenantry.keep_tenant() owner to tenantry_owner;

revoke all on function tenantry.keep_tenant() from public;

comment on function tenantry.keep_tenant() is 'Refuses to change the tenant of a row, with SQLSTATE TN050.';
