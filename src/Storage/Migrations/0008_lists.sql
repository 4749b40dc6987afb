-- The list of goals by time of submission, whatever their ids: those that a client chose do not sort by time.
CREATE INDEX goals_by_time ON goals (submitted_at, goal);
CREATE INDEX goals_by_tenant_and_time ON goals (tenant, submitted_at, goal);
DROP INDEX goals_by_tenant;

CREATE INDEX goals_ended_by_time ON goals (ended, submitted_at, goal) WHERE ended IS NOT NULL;
CREATE INDEX goals_ended_by_tenant_and_time ON goals (tenant, ended, submitted_at, goal) WHERE ended IS NOT NULL;
DROP INDEX goals_ended;

CREATE INDEX goals_open_by_time ON goals (tenant, submitted_at, goal) WHERE ended IS NULL;
DROP INDEX goals_unfinished;

-- Approvals and questions that are open. A goal that waits asks something whatever the number says: hosts that do not know the column leave it.
ALTER TABLE goals ADD COLUMN asks smallint NOT NULL DEFAULT 0;
ALTER TABLE goals ADD COLUMN asking boolean GENERATED ALWAYS AS (asks > 0 OR status = 2) STORED;
CREATE INDEX goals_asking ON goals (tenant, submitted_at, goal) WHERE ended IS NULL AND asking;

-- What the goal spent: [{"model": …, "usage": {…}}, …]; null for nothing.
ALTER TABLE goals ADD COLUMN usage jsonb;
