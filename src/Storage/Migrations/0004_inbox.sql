-- Events that other processes have for the goals of a running host. A row leaves when the host has taken it over into the goal's journal.
CREATE TABLE inbox (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    goal      text COLLATE "C" NOT NULL,
    event     bytea NOT NULL,
    posted_at timestamptz NOT NULL
);
