using AgentMesh.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace AgentMesh.Gateway.Http;

/// <summary>A request that cannot be served, found by the gateway itself.</summary>
internal sealed class ProblemException(int status, string code, string detail, Exception? inner = null) : Exception(detail, inner)
{
    public int Status { get; } = status;
    public string Code { get; } = code;

    /// <summary>When the same request may do better; null where nobody can tell.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static ProblemException Bad(string code, string detail, Exception? inner = null) => new(400, code, detail, inner);

    public static ProblemException Invalid(string code, string detail) => new(422, code, detail);
}

/// <summary>RFC 9457 problems, and the one table from the mesh's codes to statuses.</summary>
internal static class Problems
{
    /// <summary>A code that is not here says that the request was understood and cannot be carried out as given: 422.</summary>
    private static readonly Dictionary<string, int> Statuses = new(StringComparer.Ordinal)
    {
        ["goal-not-found"] = 404,
        ["silo-not-found"] = 404,
        ["artifact-not-found"] = 404,
        ["step-not-found"] = 404,
        ["request-closed"] = 409,
        ["goal-over"] = 409,
        ["fork-refused"] = 409,
        ["refused"] = 409,
        ["submit-refused"] = 409,
        ["last-silo"] = 409,
        ["host-busy"] = 409,
        ["overloaded"] = 503,
        ["journal-unavailable"] = 503,
        ["store-unavailable"] = 503,
        ["cluster-unavailable"] = 503,
    };

    public static int StatusOf(string code) => Statuses.GetValueOrDefault(code, 422);

    public static IResult Result(int status, string code, string detail) => TypedResults.Json(
        new Problem($"urn:agentmesh:{code}", ReasonPhrases.GetReasonPhrase(status), status, detail, code), GatewayJson.Default.Problem, "application/problem+json", status);
}
