-- When a goal must be over; null where it has all the time there is. Rows from before this column, and from hosts that do not know it yet, get
-- '-infinity': not known, read from the journal when somebody asks what is due.
ALTER TABLE goals ADD COLUMN deadline timestamptz DEFAULT '-infinity';

-- Whether only a person can move the goal (status Waiting). Generated, so that hosts of any version keep it right; a column of its own, so that
-- a goal's other changes of status touch no index.
ALTER TABLE goals ADD COLUMN waits boolean GENERATED ALWAYS AS (status = 2) STORED;

CREATE INDEX goals_moving ON goals (goal) WHERE ended IS NULL AND NOT waits;
CREATE INDEX goals_waiting_until ON goals (deadline, goal) WHERE ended IS NULL AND waits AND deadline IS NOT NULL;
