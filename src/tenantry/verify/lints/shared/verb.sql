-- about: The four commands a policy can be for, as the catalog writes them and as SQL does.
select verb.command, verb.word
from (values ('r'::"char", 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) as verb (command, word)
