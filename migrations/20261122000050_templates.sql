-- Message templates as each channel's provider holds them, copied by synchronising; and what a
-- channel uses them for. Both are part of the directory.

create table templates (
    channel_id text not null references channels on delete cascade,
    name text not null,
    language text not null,
    category text not null,
    approval text not null,
    provider_id text not null,
    -- A text with one variable at most, or the kind of a medium; at most one of the two.
    header text,
    header_media text,
    body text not null,
    footer text,
    -- An array of {"text", "url"}.
    buttons jsonb not null,
    changed_at timestamptz not null default now(),
    primary key (channel_id, name, language),
    check (header is null or header_media is null)
);

create table template_purposes (
    channel_id text not null references channels on delete cascade,
    purpose text not null,
    template text not null,
    primary key (channel_id, purpose)
);

create trigger directory_change after insert or update or delete or truncate on templates
    for each statement execute function count_directory_change();
create trigger directory_change after insert or update or delete or truncate on template_purposes
    for each statement execute function count_directory_change();
