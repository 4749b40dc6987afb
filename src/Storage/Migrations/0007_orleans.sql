-- What a cluster of Orleans silos keeps beside the journal: its members, its reminders, and its grains' small states. Empty where one process
-- runs everything. Orleans' ADO.NET providers find their statements in OrleansQuery by fixed keys, and pass and read fixed names.
CREATE TABLE orleansquery (
    querykey  text NOT NULL PRIMARY KEY,
    querytext text NOT NULL
);

-- One row a cluster. Each change of a member names the version that it saw and makes the next one: of two changes at once, one is refused.
CREATE TABLE orleans_versions (
    cluster text COLLATE "C" NOT NULL PRIMARY KEY,
    version int NOT NULL
);

CREATE TABLE orleans_members (
    cluster     text COLLATE "C" NOT NULL,
    address     text COLLATE "C" NOT NULL,
    port        int NOT NULL,
    generation  int NOT NULL,
    name        text NOT NULL,
    host        text NOT NULL,
    status      int NOT NULL,
    client_port int NOT NULL,
    suspicions  text,
    started_at  timestamptz NOT NULL,
    alive_at    timestamptz NOT NULL,
    PRIMARY KEY (cluster, address, port, generation)
) WITH (fillfactor = 50);

CREATE TABLE orleans_reminders (
    service    text COLLATE "C" NOT NULL,
    grain      text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    hash       int NOT NULL,
    start_at   timestamptz NOT NULL,
    period_ms  bigint NOT NULL,
    version    int NOT NULL,
    PRIMARY KEY (service, grain, name)
);

-- A silo reads the reminders of its part of the ring.
CREATE INDEX orleans_reminders_by_hash ON orleans_reminders (service, hash);

CREATE TABLE orleans_states (
    service    text COLLATE "C" NOT NULL,
    grain_type text COLLATE "C" NOT NULL,
    n0         bigint NOT NULL,
    n1         bigint NOT NULL,
    -- The text part of the key; empty where there is none.
    extension  text COLLATE "C" NOT NULL,
    -- Null once cleared: the version lives on, so that an older writer's view stays stale.
    payload    bytea,
    version    int NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (service, grain_type, n0, n1, extension)
);

INSERT INTO orleansquery (querykey, querytext) VALUES
('InsertMembershipVersionKey', $q$
    WITH made AS (INSERT INTO orleans_versions (cluster, version) VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM made)
$q$),
('InsertMembershipKey', $q$
    WITH turn AS (
        UPDATE orleans_versions SET version = version + 1
        WHERE cluster = @DeploymentId AND version = @Version AND NOT EXISTS (
            SELECT 1 FROM orleans_members WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING 1
    ), made AS (
        INSERT INTO orleans_members (cluster, address, port, generation, name, host, status, client_port, started_at, alive_at)
        SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM turn
        RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM made)
$q$),
('UpdateMembershipKey', $q$
    WITH turn AS (
        UPDATE orleans_versions SET version = version + 1
        WHERE cluster = @DeploymentId AND version = @Version AND EXISTS (
            SELECT 1 FROM orleans_members WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING 1
    ), made AS (
        UPDATE orleans_members SET status = @Status, suspicions = @SuspectTimes, alive_at = @IAmAliveTime
        FROM turn WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
        RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM made)
$q$),
('UpdateIAmAlivetimeKey', $q$
    UPDATE orleans_members SET alive_at = @IAmAliveTime
    WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$q$),
('MembershipReadRowKey', $q$
    SELECT v.version AS Version, m.address AS Address, m.port AS Port, m.generation AS Generation, m.name AS SiloName, m.host AS HostName,
           m.status AS Status, m.client_port AS ProxyPort, m.suspicions AS SuspectTimes, m.started_at AS StartTime, m.alive_at AS IAmAliveTime
    FROM orleans_versions v
    LEFT JOIN orleans_members m ON m.cluster = v.cluster AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
    WHERE v.cluster = @DeploymentId
$q$),
('MembershipReadAllKey', $q$
    SELECT v.version AS Version, m.address AS Address, m.port AS Port, m.generation AS Generation, m.name AS SiloName, m.host AS HostName,
           m.status AS Status, m.client_port AS ProxyPort, m.suspicions AS SuspectTimes, m.started_at AS StartTime, m.alive_at AS IAmAliveTime
    FROM orleans_versions v
    LEFT JOIN orleans_members m ON m.cluster = v.cluster
    WHERE v.cluster = @DeploymentId
$q$),
('GatewaysQueryKey', $q$
    SELECT address AS Address, client_port AS ProxyPort, generation AS Generation
    FROM orleans_members WHERE cluster = @DeploymentId AND status = @Status AND client_port > 0
$q$),
('DeleteMembershipTableEntriesKey', $q$
    WITH members AS (DELETE FROM orleans_members WHERE cluster = @DeploymentId)
    DELETE FROM orleans_versions WHERE cluster = @DeploymentId
$q$),
-- 3 is Active: one that is silent is for its peers to declare dead first.
('CleanupDefunctSiloEntriesKey', $q$
    DELETE FROM orleans_members WHERE cluster = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$q$),
('UpsertReminderRowKey', $q$
    INSERT INTO orleans_reminders AS r (service, grain, name, hash, start_at, period_ms, version)
    VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, 0)
    ON CONFLICT (service, grain, name) DO UPDATE SET
        hash = EXCLUDED.hash, start_at = EXCLUDED.start_at, period_ms = EXCLUDED.period_ms, version = r.version + 1
    RETURNING version AS Version
$q$),
('ReadReminderRowKey', $q$
    SELECT grain AS GrainId, name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans_reminders WHERE service = @ServiceId AND grain = @GrainId AND name = @ReminderName
$q$),
('ReadReminderRowsKey', $q$
    SELECT grain AS GrainId, name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans_reminders WHERE service = @ServiceId AND grain = @GrainId
$q$),
-- A range that does not pass the end of the ring, and one that does (or that is all of it).
('ReadRangeRows1Key', $q$
    SELECT grain AS GrainId, name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans_reminders WHERE service = @ServiceId AND hash > @BeginHash AND hash <= @EndHash
$q$),
('ReadRangeRows2Key', $q$
    SELECT grain AS GrainId, name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans_reminders WHERE service = @ServiceId AND (hash > @BeginHash OR hash <= @EndHash)
$q$),
('DeleteReminderRowKey', $q$
    WITH gone AS (
        DELETE FROM orleans_reminders WHERE service = @ServiceId AND grain = @GrainId AND name = @ReminderName AND version = @Version RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM gone)
$q$),
('DeleteReminderRowsKey', $q$
    DELETE FROM orleans_reminders WHERE service = @ServiceId
$q$),
('ReadFromStorageKey', $q$
    SELECT payload AS PayloadBinary, version AS Version FROM orleans_states
    WHERE service = @ServiceId AND grain_type = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
      AND extension = coalesce(@GrainIdExtensionString, '')
$q$),
-- No row says that the version was another: the grain's view is stale.
('WriteToStorageKey', $q$
    WITH changed AS (
        UPDATE orleans_states SET payload = @PayloadBinary, version = version + 1, changed_at = now()
        WHERE service = @ServiceId AND grain_type = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
          AND extension = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion
        RETURNING version
    ), made AS (
        INSERT INTO orleans_states (service, grain_type, n0, n1, extension, payload, version, changed_at)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @PayloadBinary, 1, now()
        WHERE @GrainStateVersion IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version
    )
    SELECT version AS NewGrainStateVersion FROM changed UNION ALL SELECT version FROM made
$q$),
('ClearStorageKey', $q$
    UPDATE orleans_states SET payload = NULL, version = version + 1, changed_at = now()
    WHERE service = @ServiceId AND grain_type = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
      AND extension = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion
    RETURNING version AS NewGrainStateVersion
$q$),
('DeleteStorageKey', $q$
    DELETE FROM orleans_states
    WHERE service = @ServiceId AND grain_type = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
      AND extension = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion
    RETURNING version + 1 AS NewGrainStateVersion
$q$);
