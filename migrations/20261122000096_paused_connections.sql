-- Calls to a paused connection wait until it is resumed.
alter table glpi_connections add column paused boolean not null default false;
