-- A channel belongs to one of two providers, each with credentials of its own; Gupshup names a
-- number by its app.

alter table channels
    alter column phone_number_id drop not null,
    alter column business_account_id drop not null,
    alter column app_secret drop not null,
    alter column verify_token drop not null,
    alter column access_token drop not null,
    add column gupshup_app_name text,
    add column gupshup_app_id text,
    add column gupshup_api_key bytea,
    add column gupshup_path_secret bytea,
    add constraint one_channel_for_an_app unique (gupshup_app_id),
    add constraint credentials_of_the_provider check (
        (provider = 'meta') = (phone_number_id is not null)
        and (provider = 'meta') = (business_account_id is not null)
        and (provider = 'meta') = (app_secret is not null)
        and (provider = 'meta') = (verify_token is not null)
        and (provider = 'meta') = (access_token is not null)
        and (provider = 'gupshup') = (gupshup_app_name is not null)
        and (provider = 'gupshup') = (gupshup_app_id is not null)
        and (provider = 'gupshup') = (gupshup_api_key is not null)
        and (provider = 'gupshup') = (gupshup_path_secret is not null)
    );
