-- Who may call the API. Of a key's secret there is only the hash. Rows are never deleted: the audit log names keys by their ids.
CREATE TABLE api_keys (
    id           text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant       text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    roles        text[] NOT NULL,
    secret_hash  bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    created_by   text NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);

-- Who did what through the API.
CREATE TABLE audit (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL,
    tenant   text COLLATE "C" NOT NULL,
    caller   text NOT NULL,
    key      text COLLATE "C",
    action   text NOT NULL,
    goal     text COLLATE "C",
    request  text,
    detail   text,
    refused  text
);

CREATE INDEX audit_by_tenant ON audit (tenant, sequence);
CREATE INDEX audit_by_goal ON audit (goal, sequence) WHERE goal IS NOT NULL;

-- Append-only, whatever a program believes. Whoever owns the table can drop the trigger; that is an act of its own, which a server's log shows.
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to';
END $$;

CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
