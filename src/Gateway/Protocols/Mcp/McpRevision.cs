using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Protocols.JsonRpc;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Protocols.Mcp;

/// <summary>
/// Which revision of MCP a request speaks. Since 2026-07-28 each request says so itself, and its headers repeat what proxies route by; before, a handshake
/// agreed on it, of which only the header is left here.
/// </summary>
internal static class McpRevision
{
    public const string Current = "2026-07-28";

    /// <summary>The newest that begins with a handshake.</summary>
    public const string Handshake = "2025-11-25";

    private const string Meta = "io.modelcontextprotocol/";
    private const string VersionHeader = "MCP-Protocol-Version";
    private const string EncodedStart = "=?base64?", EncodedEnd = "?=";
    private const int HeaderMismatch = -32020;
    private const int Unsupported = -32022;
    // The one before has batches, which nobody sends and every later one forbids.
    private static readonly HashSet<string> Handshakes = new([Handshake, "2025-06-18"], StringComparer.Ordinal);

    public static IReadOnlyList<string> All => [Current, .. Handshakes];

    /// <summary>What a handshake that asks for a revision gets.</summary>
    public static string Agreed(string asked) => Handshakes.Contains(asked) ? asked : Handshake;

    public static JsonObject Server() => new() { ["name"] = "agentmesh", ["title"] = "AgentMesh", ["version"] = "1.0.0" };

    /// <summary>Whether the request is of <see cref="Current"/>, and keeps its rules.</summary>
    /// <exception cref="RpcException">It speaks a revision that is not spoken here, or its headers say something else than its body.</exception>
    public static bool IsCurrent(HttpContext http, RpcRequest request)
    {
        var header = http.Request.Headers[VersionHeader].ToString();
        var meta = request.Params.TryGetProperty("_meta", out var given) ? given : MeshJson.Parse("{}");
        if (meta.ValueKind != JsonValueKind.Object) throw Refused(RpcException.InvalidParams, "_meta must be an object.");
        if (!meta.TryGetProperty($"{Meta}protocolVersion", out var claimed))
        {
            if (header == Current) throw Refused(RpcException.InvalidParams, $"_meta must have {Meta}protocolVersion.");
            return header.Length == 0 || Handshakes.Contains(header) ? false : throw Unknown(header);
        }

        if (claimed.ValueKind != JsonValueKind.String || claimed.GetString() != Current) throw Unknown(claimed.ValueKind == JsonValueKind.String ? claimed.GetString()! : "");
        if (header != Current) throw Refused(HeaderMismatch, $"{VersionHeader} must repeat _meta's {Meta}protocolVersion.");
        if (!meta.TryGetProperty($"{Meta}clientCapabilities", out var capabilities) || capabilities.ValueKind != JsonValueKind.Object)
            throw Refused(RpcException.InvalidParams, $"_meta must have {Meta}clientCapabilities, an object.");
        Require(http, "Mcp-Method", request.Method);
        if (Named(request) is { } name) Require(http, "Mcp-Name", name);
        return true;
    }

    /// <summary>The result with what the current revision wants of every result.</summary>
    /// <param name="caches">Whether the result says for how long it holds: here, for no longer than it takes to read it.</param>
    public static JsonObject Complete(JsonObject result, bool caches)
    {
        result["resultType"] = "complete";
        result["_meta"] = new JsonObject { [$"{Meta}serverInfo"] = Server() };
        if (caches) (result["ttlMs"], result["cacheScope"]) = (0, "private");
        return result;
    }

    /// <summary>The value that proxies route by.</summary>
    private static string? Named(RpcRequest request) => request.Method switch
    {
        "tools/call" => Json.Member(request.Params, "name"),
        "resources/read" => Json.Member(request.Params, "uri"),
        _ => null,
    };

    private static void Require(HttpContext http, string header, string value)
    {
        var sent = http.Request.Headers[header].ToString();
        if (sent.StartsWith(EncodedStart, StringComparison.Ordinal) && sent.EndsWith(EncodedEnd, StringComparison.Ordinal)) sent = Decoded(sent[EncodedStart.Length..^EncodedEnd.Length]) ?? "";
        if (sent != value) throw Refused(HeaderMismatch, $"The header {header} must repeat what the body says.");
    }

    private static string? Decoded(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static RpcException Unknown(string requested) => new(Unsupported, $"This server speaks {string.Join(", ", All)}.")
    {
        Status = 400, ErrorData = new JsonObject { ["supported"] = new JsonArray([.. All.Select(v => (JsonNode)v)]), ["requested"] = requested },
    };

    private static RpcException Refused(int code, string message) => new(code, message) { Status = 400 };
}
