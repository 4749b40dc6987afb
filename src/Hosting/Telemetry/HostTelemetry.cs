using AgentMesh.Contracts;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AgentMesh.Hosting.Telemetry;

/// <summary>Sends this process' traces, metrics and logs to an OpenTelemetry collector. Disposing of it sends what is left, for two seconds at most each.</summary>
public sealed class HostTelemetry : ILoggerProvider
{
    private const int LastMilliseconds = 2000;

    private static readonly string[] Sources = [GoalTrace.Name, "Microsoft.AspNetCore", "Microsoft.Orleans.Application"];
    private static readonly string[] Meters = [GoalTrace.Name, "AgentMesh.Inference", "Microsoft.AspNetCore.Hosting", "System.Runtime"];

    private readonly TracerProvider traces;
    private readonly MeterProvider metrics;
    private readonly ILoggerFactory logs;
    private bool over;

    private HostTelemetry(TelemetrySettings settings, ResourceBuilder resource, LogPrivacy privacy)
    {
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources)
            .AddProcessor(new SpanPrivacy()).AddOtlpExporter(o => settings.Apply(o, "traces")).Build();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters).AddOtlpExporter(o => settings.Apply(o, "metrics")).Build();
        logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter("Orleans", LogLevel.Error).AddFilter("Npgsql", LogLevel.Warning).AddFilter("OpenTelemetry", LogLevel.None)
            .AddOpenTelemetry(o =>
            {
                o.SetResourceBuilder(resource);
                o.AddProcessor(privacy);
                o.AddOtlpExporter(e => settings.Apply(e, "logs"));
            }));
    }

    /// <param name="setting">Reads one setting by the name of its environment variable.</param>
    /// <param name="instance">What this process is called.</param>
    /// <returns>Null where no collector is named.</returns>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static HostTelemetry? Start(Func<string, string?> setting, string instance, string version)
    {
        if (TelemetrySettings.Read(setting) is not { } settings) return null;
        var resource = ResourceBuilder.CreateDefault().AddService(settings.Service, serviceVersion: version, serviceInstanceId: instance);
        return new HostTelemetry(settings, resource, new LogPrivacy(TelemetrySettings.Redactor(setting)));
    }

    public ILogger CreateLogger(string categoryName) => logs.CreateLogger(categoryName);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref over, true)) return;
        traces.Shutdown(LastMilliseconds);
        traces.Dispose();
        metrics.Shutdown(LastMilliseconds);
        metrics.Dispose();
        logs.Dispose();
    }
}
