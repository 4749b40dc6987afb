using System.Diagnostics;
using System.Globalization;
using AgentMesh.Storage.Embedded;
using Npgsql;

namespace AgentMesh.Bench;

/// <summary>What the server and its disk have to say.</summary>
internal sealed class ServerFacts(EmbeddedPostgres server)
{
    /// <summary>The connection as Node programs take it.</summary>
    public string Url
    {
        get
        {
            var parts = new NpgsqlConnectionStringBuilder(server.ConnectionString);
            return $"postgres://{parts.Username}@localhost/{parts.Database}?host={Uri.EscapeDataString(parts.Host!)}";
        }
    }

    /// <summary>Bytes of our tables with their indexes and dead rows.</summary>
    public async Task<long> Bytes()
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c WHERE relname IN ('journal', 'goals') AND relkind = 'r'", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>CPU time of the server's processes so far, in seconds.</summary>
    public double CpuSeconds()
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[1] == server.ProcessId.ToString(CultureInfo.InvariantCulture) || Path.GetFileName(folder) == server.ProcessId.ToString(CultureInfo.InvariantCulture))
                    ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The process ended between the listing and the look.
            }
        }

        return ticks / 100.0;
    }

    /// <summary>The median time to make 8 kB durable where the server keeps its data.</summary>
    public static double FsyncMilliseconds(string folder)
    {
        var times = new List<double>();
        using var file = new FileStream(Path.Combine(folder, "fsync"), FileMode.Create, FileAccess.Write, FileShare.None, 1);
        for (var i = 0; i < 200; i++)
        {
            file.Position = 0;
            file.Write(new byte[8192]);
            var started = Stopwatch.GetTimestamp();
            file.Flush(flushToDisk: true);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        return times[100];
    }
}
