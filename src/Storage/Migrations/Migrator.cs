using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace AgentMesh.Storage.Migrations;

/// <summary>Brings a database's schema up to this program's: <c>NNNN_name.sql</c> in order, each in one transaction, recorded with its checksum.</summary>
internal static class Migrator
{
    /// <summary>Any number, the same in every host: one migrates, the others wait.</summary>
    private const long Lock = 0x41_67_65_6E_74_4D;

    /// <returns>Numbers of the migrations that were applied now.</returns>
    /// <exception cref="StorageException">The database is newer than this program, or an applied migration was changed since.</exception>
    public static Task<IReadOnlyList<int>> Apply(NpgsqlDataSource source, CancellationToken ct) => Apply(source, Known(), ct);

    /// <summary>Changes nothing.</summary>
    /// <exception cref="StorageException">The schema is older or newer than this program's, or an applied migration was changed since.</exception>
    public static async Task Check(NpgsqlDataSource source, CancellationToken ct)
    {
        var known = Known();
        await using var connection = await source.OpenConnectionAsync(ct);
        Dictionary<int, (string Name, string Checksum)> applied = [];
        await using (var exists = new NpgsqlCommand("SELECT to_regclass('schema_migrations') IS NOT NULL", connection))
            if (await exists.ExecuteScalarAsync(ct) is true) applied = await Applied(connection, ct);
        Check(known, applied);
        if (known.FirstOrDefault(m => !applied.ContainsKey(m.Number)) is { } missing)
            throw new StorageException($"The database's schema is older than this AgentMesh: {missing.Name} is not applied. Run `AgentMesh.Silo migrate` with the same AGENTMESH_POSTGRES, then start again.");
    }

    internal static async Task<IReadOnlyList<int>> Apply(NpgsqlDataSource source, IReadOnlyList<Migration> known, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await Execute(connection, $"SELECT pg_advisory_lock({Lock})", ct);
        try
        {
            await Execute(connection, "CREATE TABLE IF NOT EXISTS schema_migrations (number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())", ct);
            var applied = await Applied(connection, ct);
            Check(known, applied);

            var now = new List<int>();
            foreach (var migration in known.Where(m => !applied.ContainsKey(m.Number)))
            {
                await using var transaction = await connection.BeginTransactionAsync(ct);
                await Execute(connection, migration.Sql, ct);
                await using var record = new NpgsqlCommand("INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)", connection)
                {
                    Parameters = { new() { Value = migration.Number }, new() { Value = migration.Name }, new() { Value = migration.Checksum } },
                };
                await record.ExecuteNonQueryAsync(ct);
                await transaction.CommitAsync(ct);
                now.Add(migration.Number);
            }
            return now;
        }
        finally
        {
            await Execute(connection, $"SELECT pg_advisory_unlock({Lock})", CancellationToken.None);
        }
    }

    internal static IReadOnlyList<Migration> Known()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return
        [
            .. from name in assembly.GetManifestResourceNames()
               where name.EndsWith(".sql", StringComparison.Ordinal)
               orderby name
               select Migration.Of(name, Read(assembly, name)),
        ];
    }

    private static void Check(IReadOnlyList<Migration> known, Dictionary<int, (string Name, string Checksum)> applied)
    {
        foreach (var (number, (name, checksum)) in applied.OrderBy(a => a.Key))
        {
            var mine = known.FirstOrDefault(m => m.Number == number) ?? throw new StorageException(
                $"The database's schema is newer than this AgentMesh: it has migration {name}, this program knows them up to {known.Max(m => m.Number)}. Use a newer AgentMesh, or another database.");
            if (mine.Checksum != checksum)
                throw new StorageException($"Migration {name} was applied to this database with other content than this program has. Use the AgentMesh that made the database, or another database.");
        }
    }

    private static async Task<Dictionary<int, (string, string)>> Applied(NpgsqlConnection connection, CancellationToken ct)
    {
        var applied = new Dictionary<int, (string, string)>();
        await using var command = new NpgsqlCommand("SELECT number, name, checksum FROM schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetString(2)));
        return applied;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}

/// <summary>One step of the schema. Applied ones are never edited.</summary>
internal sealed record Migration(int Number, string Name, string Sql, string Checksum)
{
    public static Migration Of(string name, string sql) =>
        new(int.Parse(name.AsSpan(0, 4)), name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
}
