using System.Globalization;
using AgentMesh.Contracts;
using Spectre.Console;

namespace AgentMesh.Cli.Output;

/// <summary>Silos, grains and devices as tables.</summary>
internal static class ClusterPage
{
    private const int WideEnoughForAddresses = 110;

    public static Page Status(Terminal terminal, ClusterView cluster)
    {
        var page = Head(terminal, cluster);
        // An address that wraps would make three lines of each silo; -o json has it.
        var withAddress = page.Width >= WideEnoughForAddresses;
        page.Table(Silos(terminal, cluster, withAddress ? ["version", "address"] : ["version"], s => withAddress ? [s.Version, s.Address] : [s.Version]));
        Devices(page, cluster);
        return page;
    }

    public static Page Top(Terminal terminal, ClusterSnapshot now)
    {
        var page = Head(terminal, now.Cluster);
        page.Table(Silos(terminal, now.Cluster, [], static _ => []));
        Devices(page, now.Cluster);
        var seconds = now.Activity.Bucket.TotalSeconds * now.Activity.Silos.Select(s => s.Memory.Count).DefaultIfEmpty(0).Max();
        page.Line();
        page.Line($"the last {seconds.ToString("0", CultureInfo.InvariantCulture)} s, busiest first");
        var table = new TextTable("grain", "silo", "active", "calls/s", "p50 ms", "p99 ms", "calls", "errors");
        foreach (var (silo, grain) in now.Activity.Silos.SelectMany(s => s.Grains.Select(g => (s.Silo, g))).OrderByDescending(g => g.g.CallsPerSecond).ThenBy(g => g.g.Type, StringComparer.Ordinal).ThenBy(g => g.Silo, StringComparer.Ordinal))
        {
            table.Add(
                grain.Type, silo, Number(grain.Activations), grain.CallsPerSecond.ToString("0.0", CultureInfo.InvariantCulture), Milliseconds(grain.P50), Milliseconds(grain.P99),
                Number(grain.Calls), grain.Errors > 0 ? (Number(grain.Errors), new Style(Color.Red)) : "0");
        }

        page.Table(table);
        return page;
    }

    private static Page Head(Terminal terminal, ClusterView cluster)
    {
        var page = new Page(terminal.Console.Profile.Width);
        page.Line($"cluster {cluster.Cluster}: {cluster.Silos.Count(s => s.Status == SiloStatus.Active)} of {Count(cluster.Silos.Count, "silo")} active, {Count(cluster.Silos.Sum(s => s.Goals), "moving goal")}");
        return page;
    }

    private static TextTable Silos(Terminal terminal, ClusterView cluster, string[] more, Func<SiloView, TextTable.Cell[]> cells)
    {
        var table = new TextTable(["silo", "state", "roles", "goals", "agents", "memory", "up", .. more]);
        foreach (var silo in cluster.Silos.OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            table.Add(
            [
                silo.Name, (silo.Status.ToString(), Style(silo.Status)), string.Join(',', silo.Roles), Number(silo.Goals), Number(silo.Activations), Memory(silo.MemoryBytes),
                silo.StartedAt is { } started ? Span(terminal.Time.GetUtcNow() - started) : "–", .. cells(silo),
            ]);
        }

        return table;
    }

    private static void Devices(Page page, ClusterView cluster)
    {
        var devices = cluster.Silos.SelectMany(s => s.Devices.Select(d => (Silo: s.Name, Device: d))).ToList();
        if (devices.Count == 0) return;
        page.Line();
        var table = new TextTable("device", "silo", "slots", "busy", "queue", "tokens/s", "model");
        foreach (var (silo, device) in devices)
        {
            table.Add(
                device.Device, silo, Number(device.Slots), Number(device.Busy), Number(device.Queued), device.TokensPerSecond.ToString("0.0", CultureInfo.InvariantCulture), device.Model);
        }

        page.Table(table);
    }

    private static Style Style(SiloStatus status) => new(status switch { SiloStatus.Active => Color.Green, SiloStatus.Dead => Color.Red, _ => Color.Yellow });

    private static string Count(int number, string what) => $"{Number(number)} {what}{(number == 1 ? "" : "s")}";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(double value) => value.ToString(value < 10 ? "0.00" : "0", CultureInfo.InvariantCulture);

    private static string Memory(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB");

    private static string Span(TimeSpan up) => up switch
    {
        { TotalSeconds: < 60 } => $"{Math.Max(0, (int)up.TotalSeconds)}s",
        { TotalMinutes: < 60 } => $"{(int)up.TotalMinutes}m",
        { TotalHours: < 48 } => $"{(int)up.TotalHours}h",
        _ => $"{(int)up.TotalDays}d",
    };
}
