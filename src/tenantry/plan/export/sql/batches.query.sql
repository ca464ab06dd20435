-- about: Repeats a statement until it changes no row. Triggers of the table are silent where the role may silence them,
--   as nothing happened to the row that they tell of. Who is held by a policy is refused, and does not fill nothing.
do $batches$
declare
    changed bigint;
begin
    loop
        perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        perform pg_catalog.set_config('row_security', 'off', true);
        perform pg_catalog.set_config('session_replication_role', 'replica', true)
        from pg_catalog.pg_roles as role
        where role.rolname = current_user and role.rolsuper;
        perform /* the statement */;
        get diagnostics changed = row_count;
        commit;
        exit when changed = 0;
    end loop;
end
$batches$;
