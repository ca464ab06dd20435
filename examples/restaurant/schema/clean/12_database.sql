-- Privileges on the database itself. A copy made with "create database .. template" does not inherit them:
-- run this file again on every copy.

do $$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format(
        'grant connect on database %I to restaurant_app, restaurant_worker, restaurant_reporting', current_database()
    );
end
$$;
