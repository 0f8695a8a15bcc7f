-- A paused tenant's messages are kept and not answered, as a paused channel's are.
alter table tenants add column paused boolean not null default false;
