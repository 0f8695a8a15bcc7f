-- A number that belongs to a user of the channel's GLPI can count as known.
alter table channels
    add column glpi_match boolean not null default false,
    add column glpi_match_wait_s bigint not null default 15,
    add column glpi_match_keep_h bigint not null default 24,
    add column glpi_match_silent text not null default 'accept';
