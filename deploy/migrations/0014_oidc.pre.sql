-- Sign-ins by an OpenID provider that were begun and not finished yet. Each can be finished once, in the browser that began it.

CREATE TABLE oidc_flows (
    state_hash    bytea PRIMARY KEY,        -- SHA-256 of what goes through the provider and back
    browser_hash  bytea NOT NULL,           -- SHA-256 of the cookie of the browser that began it
    nonce         text NOT NULL,            -- stands in the identity token
    verifier      text NOT NULL,            -- PKCE: shown when the code is exchanged
    redirect_uri  text NOT NULL,            -- as it was told to the provider, which compares
    return_to     text NOT NULL,            -- where the person wanted to go
    expires_at    timestamptz NOT NULL
);
CREATE INDEX oidc_flows_expiry ON oidc_flows (expires_at);
