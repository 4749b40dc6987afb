namespace AgentMesh.Storage.Embedded;

/// <summary>The whole configuration of the embedded server. Written at each start, so that a new version's settings take effect.</summary>
internal static class ServerConfiguration
{
    public const int Port = 5432;
    public const string Superuser = "postgres";

    private static readonly string Settings = """
        # Written by AgentMesh at each start; changes made here are lost.
        # Only a Unix socket in a folder that nobody else may enter: no network, no password.
        listen_addresses = ''
        unix_socket_permissions = 0700
        port = 5432
        max_connections = 200
        ssl = off

        # What was acknowledged is on disk.
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        wal_level = replica
        max_wal_senders = 2
        min_wal_size = 128MB
        max_wal_size = 512MB
        checkpoint_timeout = 10min

        # A small machine, one host, short statements.
        shared_buffers = 128MB
        work_mem = 8MB
        maintenance_work_mem = 64MB
        effective_cache_size = 1GB
        random_page_cost = 1.1
        jit = off
        io_method = sync
        max_parallel_workers_per_gather = 0
        max_parallel_maintenance_workers = 0
        max_logical_replication_workers = 0
        max_worker_processes = 4
        autovacuum_naptime = 30s

        logging_collector = off
        log_min_messages = warning
        log_checkpoints = off
        log_line_prefix = '%m [%p] '
        timezone = 'UTC'
        log_timezone = 'UTC'
        datestyle = 'iso, ymd'
        default_text_search_config = 'pg_catalog.english'

        """;

    private const string Access = """
        # Written by AgentMesh at each start. The socket's folder is the guard.
        local all all trust

        """;

    /// <summary>True when the folder already has exactly this configuration, the socket's place aside.</summary>
    public static bool IsCurrent(string data) =>
        File.Exists(SettingsFile(data)) && File.ReadAllText(SettingsFile(data)).StartsWith(Settings, StringComparison.Ordinal);

    public static void Write(string data, string socketFolder)
    {
        Put(SettingsFile(data), $"{Settings}unix_socket_directories = '{socketFolder.Replace("'", "''", StringComparison.Ordinal)}'\n");
        Put(Path.Combine(data, "pg_hba.conf"), Access);

        // Readable for the server's account whatever our umask; the folder itself is closed.
        static void Put(string path, string text)
        {
            File.WriteAllText(path, text);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    private static string SettingsFile(string data) => Path.Combine(data, "postgresql.conf");
}
