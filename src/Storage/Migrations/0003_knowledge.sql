CREATE TABLE documents (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant     text COLLATE "C" NOT NULL,
    collection text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    title      text NOT NULL,
    characters int NOT NULL,
    passages   int NOT NULL,
    words      bigint NOT NULL,
    added_at   timestamptz NOT NULL,
    UNIQUE (tenant, collection, name)
);

-- Stretches of a document, with their place in it (UTF-16 units).
CREATE TABLE passages (
    document bigint NOT NULL REFERENCES documents ON DELETE CASCADE,
    number   int NOT NULL,
    start_at int NOT NULL,
    end_at   int NOT NULL,
    text     text NOT NULL,
    -- Words of the body: the length that ranking compares.
    words    int NOT NULL,
    -- Weight A: the document's title, B: the headings above the passage, D: its text.
    search   tsvector NOT NULL,
    PRIMARY KEY (document, number)
);

CREATE INDEX passages_search ON passages USING gin (search);
