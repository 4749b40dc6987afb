using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.GrainInterfaces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cluster;

/// <summary>Silos that are processes, on one PostgreSQL. A crash kills all of them with -9; others come up on their ports.</summary>
internal sealed class ProcessesUnderTest(CurrentWorld current, int silos, string postgres) : ILastingMesh
{
    private const string ClusterName = "conformance";
    private readonly List<(int Silo, int Client)> ports = [.. Enumerable.Range(0, silos).Select(_ => (FreePort(), FreePort()))];
    private readonly List<Process> processes = [];
    private WorldServer? world;
    private IHost? client;

    public CurrentWorld World => current;

    public IMesh Mesh => client!.Services.GetRequiredService<IMesh>();

    public TimeSpan Moment => TimeSpan.FromSeconds(6);

    public static async Task<ProcessesUnderTest> Start(CurrentWorld current, int silos, string postgres)
    {
        var mesh = new ProcessesUnderTest(current, silos, postgres);
        mesh.world = await WorldServer.Start(current);
        await mesh.Restart();
        return mesh;
    }

    public void Pass(TimeSpan time)
    {
        // Time is real here.
    }

    public async Task Crash()
    {
        foreach (var process in processes) process.Kill();
        foreach (var process in processes)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }

        processes.Clear();
        if (client is null) return;
        var dying = client;
        client = null;
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        try
        {
            await dying.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody is there to take leave of.
        }

        dying.Dispose();
    }

    public async Task Restart()
    {
        foreach (var (silo, gateway) in ports) processes.Add(StartSilo(silo, gateway));
        await Task.WhenAll(processes.Select(Ready));
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        builder.UseOrleansClient(c => c
            .UseStaticClustering([.. ports.Select(p => new IPEndPoint(IPAddress.Loopback, p.Client))])
            .AddAgentMeshClient(ClusterName));
        client = builder.Build();
        await client.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Crash();
        await world!.DisposeAsync();
    }

    private Process StartSilo(int silo, int gateway)
    {
        var bin = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(bin.Parent!.Parent!.Parent!.Parent!.FullName, "ClusterHost", "bin", bin.Parent.Name, bin.Name, "AgentMesh.ClusterHost.dll");
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var arg in (string[])[program, ClusterName, Text(silo), Text(gateway)]) start.ArgumentList.Add(arg);
        start.Environment["AGENTMESH_POSTGRES"] = postgres;
        start.Environment[WorldAddress.Variable] = world!.Address;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    private static async Task Ready(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line == "ready") return;
        throw new InvalidOperationException("A silo ended before it was ready; its errors are above.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
