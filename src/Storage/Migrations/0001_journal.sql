-- One row per append. The primary key is the fence: an append starts at its writer's last known sequence + 1, so two writers with the same
-- view meet on the same key and only one row goes in.
CREATE TABLE journal (
    goal    text COLLATE "C" NOT NULL,
    first   bigint NOT NULL,
    last    bigint NOT NULL,
    writer  text COLLATE "C" NOT NULL,
    entries bytea NOT NULL,
    PRIMARY KEY (goal, first)
);

COMMENT ON COLUMN journal.entries IS 'UTF-8 JSON: [time, event, time, event, …]; times in unix milliseconds, each after the first as the difference to the one before. Brotli behind a byte 1 and the length, where that is smaller. Read it with `agentmesh goal events`.';

-- Packed already: the server need not try.
ALTER TABLE journal ALTER COLUMN entries SET STORAGE EXTERNAL;

-- Rows are only ever added.
ALTER TABLE journal SET (fillfactor = 100, autovacuum_vacuum_insert_scale_factor = 0.5);

-- The list of goals, derived from the journal and written with it.
CREATE TABLE goals (
    goal          text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant        text COLLATE "C" NOT NULL,
    text          text NOT NULL,
    status        smallint NOT NULL,
    -- The status once it is final, else null. Only this one is in indexes, so that a running goal's updates stay within its page.
    ended         smallint,
    submitted_at  timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    last_sequence bigint NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX goals_by_tenant ON goals (tenant, goal);
CREATE INDEX goals_unfinished ON goals (goal) WHERE ended IS NULL;
CREATE INDEX goals_ended ON goals (ended, goal) WHERE ended IS NOT NULL;
