-- Attachments and large artifacts, addressed by their hash. In the database, so that one backup has all.
CREATE TABLE content (
    sha256   bytea NOT NULL PRIMARY KEY,
    content  bytea NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now()
);

-- Most attachments are compressed already; trying again would only cost time.
ALTER TABLE content ALTER COLUMN content SET STORAGE EXTERNAL;
