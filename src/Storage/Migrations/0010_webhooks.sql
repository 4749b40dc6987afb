-- Who is told of goals, and what they are to be told: an outbox that the journal's own commits fill.
CREATE TABLE webhooks (
    id               text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant           text COLLATE "C" NOT NULL,
    url              text NOT NULL,
    events           text[] NOT NULL,
    secret           text NOT NULL,
    old_secret       text,
    old_secret_until timestamptz,
    created_at       timestamptz NOT NULL,
    created_by       text NOT NULL,
    delivered_at     timestamptz,
    failing_since    timestamptz,
    error            text,
    disabled_at      timestamptz,
    held_by          text,
    held_until       timestamptz
);

CREATE INDEX webhooks_by_tenant ON webhooks (tenant);

-- Goals of which something is to be told; read is how far their journals were.
CREATE TABLE webhook_goals (
    goal   text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant text COLLATE "C" NOT NULL,
    last   bigint NOT NULL,
    read   bigint NOT NULL DEFAULT 0
);

CREATE INDEX webhook_goals_unread ON webhook_goals (goal) WHERE last > read;

CREATE TABLE webhook_events (
    webhook      text COLLATE "C" NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    goal         text COLLATE "C" NOT NULL,
    sequence     bigint NOT NULL,
    at           timestamptz NOT NULL,
    body         text NOT NULL,
    attempts     int NOT NULL DEFAULT 0,
    tried_at     timestamptz,
    next_at      timestamptz NOT NULL,
    delivered_at timestamptz,
    PRIMARY KEY (webhook, goal, sequence)
);

CREATE INDEX webhook_events_open ON webhook_events (webhook, goal, sequence) WHERE delivered_at IS NULL;
CREATE INDEX webhook_events_by_time ON webhook_events (webhook, at, goal, sequence);

-- A goal's line in the list is written whenever it begins, ends, asks or is answered, in the commit of the entries that say so.
CREATE FUNCTION webhooks_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM webhooks WHERE tenant = NEW.tenant) THEN
        INSERT INTO webhook_goals (goal, tenant, last) VALUES (NEW.goal, NEW.tenant, NEW.last_sequence)
        ON CONFLICT (goal) DO UPDATE SET last = greatest(webhook_goals.last, EXCLUDED.last);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER webhooks_note AFTER INSERT OR UPDATE ON goals FOR EACH ROW EXECUTE FUNCTION webhooks_note();
-- Costs nothing until somebody subscribes.
ALTER TABLE goals DISABLE TRIGGER webhooks_note;

-- As its owner, so that a host needs no right to change tables.
CREATE FUNCTION webhooks_listen() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'goals'::regclass AND tgname = 'webhooks_note' AND tgenabled = 'D') THEN
        ALTER TABLE goals ENABLE TRIGGER webhooks_note;
    END IF;
END $$;
