-- A channel may name a second provider that carries the same number while the first is out. It then
-- has the credentials of both, and each template tells its id at the second where that approved it.

alter table channels
    add column fallback_provider text check (fallback_provider in ('meta', 'gupshup')),
    add column fallback_after_ms bigint not null default 10000,
    add constraint fallback_is_another_provider check (fallback_provider <> provider),
    drop constraint credentials_of_the_provider,
    add constraint credentials_of_the_providers check (
        (provider = 'meta' or fallback_provider is not distinct from 'meta')
            = (phone_number_id is not null)
        and (phone_number_id is not null) = (business_account_id is not null)
        and (phone_number_id is not null) = (app_secret is not null)
        and (phone_number_id is not null) = (verify_token is not null)
        and (phone_number_id is not null) = (access_token is not null)
        and (provider = 'gupshup' or fallback_provider is not distinct from 'gupshup')
            = (gupshup_app_name is not null)
        and (gupshup_app_name is not null) = (gupshup_app_id is not null)
        and (gupshup_app_name is not null) = (gupshup_api_key is not null)
        and (gupshup_app_name is not null) = (gupshup_path_secret is not null)
    );

alter table templates
    -- Empty where the second provider sends it by its name.
    add column second_id text;
