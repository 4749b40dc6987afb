using AgentMesh.Inference.Redaction;
using AgentMesh.Runtime.Telemetry;
using OpenTelemetry.Exporter;

namespace AgentMesh.Hosting.Telemetry;

/// <summary>
/// What the environment says of telemetry. <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, or <c>AGENTMESH_OTLP</c> where that is not set: where traces, metrics and
/// logs go; default nowhere. <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>: <c>http/protobuf</c> (default) or <c>grpc</c>. <c>OTEL_EXPORTER_OTLP_HEADERS</c>,
/// <c>OTEL_SERVICE_NAME</c> (default <c>agentmesh</c>) and <c>OTEL_SDK_DISABLED</c> as OpenTelemetry says; samplers, batches and intervals it reads itself.
/// </summary>
internal sealed record TelemetrySettings(Uri Endpoint, OtlpExportProtocol Protocol, string? Headers, string Service)
{
    private static readonly string[] Secrets = ["AGENTMESH_API_KEY", "AGENTMESH_JIRA_TOKEN", "AGENTMESH_ADMIN_KEY", "AGENTMESH_POSTGRES", "HF_TOKEN"];

    /// <returns>Null where nothing is to be sent.</returns>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static TelemetrySettings? Read(Func<string, string?> setting)
    {
        if (setting("OTEL_SDK_DISABLED") is "true") return null;
        var (name, text) = setting("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 } standard ? ("OTEL_EXPORTER_OTLP_ENDPOINT", standard) : ("AGENTMESH_OTLP", setting("AGENTMESH_OTLP"));
        if (text is null or "") return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint) || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps))
            throw new FormatException($"{name} is {text}; it takes the address of an OpenTelemetry collector, like http://127.0.0.1:4318.");
        var protocol = setting("OTEL_EXPORTER_OTLP_PROTOCOL") switch
        {
            null or "" => endpoint.Port == 4317 ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            "grpc" => OtlpExportProtocol.Grpc,
            var other => throw new FormatException($"OTEL_EXPORTER_OTLP_PROTOCOL is {other}; it takes http/protobuf or grpc."),
        };
        return new TelemetrySettings(endpoint, protocol, setting("OTEL_EXPORTER_OTLP_HEADERS"), setting("OTEL_SERVICE_NAME") is { Length: > 0 } service ? service : "agentmesh");
    }

    /// <summary>
    /// <c>AGENTMESH_TELEMETRY_CONTENT</c>: <c>true</c> tells prompts, answers, arguments and results, redacted; default <c>false</c>.
    /// <c>OTEL_SEMCONV_STABILITY_OPT_IN</c> with <c>gen_ai_latest_experimental</c> tells the newest names as well.
    /// </summary>
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static TelemetryOptions Spans(Func<string, string?> setting) => new()
    {
        Content = setting("AGENTMESH_TELEMETRY_CONTENT") switch
        {
            null or "" or "false" => null,
            "true" => Redactor(setting).ForLog,
            var other => throw new FormatException($"AGENTMESH_TELEMETRY_CONTENT is {other}; it takes true or false."),
        },
        Newest = (setting("OTEL_SEMCONV_STABILITY_OPT_IN") ?? "").Split(',', StringSplitOptions.TrimEntries).Contains("gen_ai_latest_experimental", StringComparer.Ordinal),
    };

    public static Redactor Redactor(Func<string, string?> setting) => new(emails: true, [.. Secrets.Select(setting).OfType<string>()]);

    /// <summary>Where one kind of signal goes.</summary>
    /// <param name="signal"><c>traces</c>, <c>metrics</c> or <c>logs</c>.</param>
    public void Apply(OtlpExporterOptions options, string signal)
    {
        options.Protocol = Protocol;
        // Given by code it is taken as it is; the standard appends the signal over HTTP.
        options.Endpoint = Protocol == OtlpExportProtocol.Grpc ? Endpoint : new Uri($"{Endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal}");
        if (Headers is { Length: > 0 }) options.Headers = Headers;
    }
}
