-- Who may append: a row for each life of a host that ever wrote. An append locks its writer's row (FOR SHARE) and finds it not retired, or
-- does not happen; retiring updates the row, and so comes wholly before or wholly after each append. Rows are never deleted: a writer that
-- was retired must stay so, and one without a row would register itself again.
CREATE TABLE writers (
    writer        text COLLATE "C" NOT NULL PRIMARY KEY,
    registered_at timestamptz NOT NULL DEFAULT now(),
    retired_at    timestamptz
) WITH (fillfactor = 50);
