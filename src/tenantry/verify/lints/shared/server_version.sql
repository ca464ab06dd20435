-- about: The version of the server, or the one a case pretends it has, so that it means the same on every server.
select coalesce(
    nullif(current_setting('tenantry.pretended_server_version_num', true), ''),
    current_setting('server_version_num')
)::integer as version_num
