-- Domains of the e-mail addresses by which contacts may join their number to their GLPI user in the
-- chat. Empty: nobody may.

alter table tenants add column link_domains text[] not null default '{}';
