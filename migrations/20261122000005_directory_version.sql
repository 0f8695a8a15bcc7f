-- One row that counts every change of what the directory file holds. A trigger counts,
-- so that no editor can forget it. The row's lock also puts editors one after the other:
-- a reader who sees version n sees everything up to n.
create table directory_version (
    only_row boolean primary key default true check (only_row),
    version bigint not null
);

insert into directory_version (version) values (0);

create function count_directory_change() returns trigger language plpgsql as $$
begin
    update directory_version set version = version + 1;
    return null;
end
$$;

create trigger directory_change after insert or update or delete or truncate on tenants
    for each statement execute function count_directory_change();
create trigger directory_change after insert or update or delete or truncate on glpi_connections
    for each statement execute function count_directory_change();
create trigger directory_change after insert or update or delete or truncate on channels
    for each statement execute function count_directory_change();
create trigger directory_change after insert or update or delete or truncate on api_tokens
    for each statement execute function count_directory_change();
