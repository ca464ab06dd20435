-- about: the server lacks minor releases that mend row security; nothing is planted, the server itself is behind
-- expect: server
-- fault: server minor behind
-- topic: CVE|minor|release

-- inherent: the database is the base schema as it is

-- proof as postgres:
select current_setting('server_version_num')::int not between 150020 and 159999;
