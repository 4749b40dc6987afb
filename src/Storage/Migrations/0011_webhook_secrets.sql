-- Every secret that was replaced signs until its own time is over, however often its webhook is rotated.
CREATE TABLE webhook_secrets (
    webhook text COLLATE "C" NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    secret  text NOT NULL,
    until   timestamptz NOT NULL,
    PRIMARY KEY (webhook, secret)
);

INSERT INTO webhook_secrets SELECT id, old_secret, old_secret_until FROM webhooks WHERE old_secret_until > now();
-- The columns stay, empty: a host of the version before still reads them while the others are replaced.
