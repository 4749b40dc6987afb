using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Goals;

/// <summary>Goal ids that a client's choice stands behind, so that its repeated submit meets the goal that it made before.</summary>
internal static class ChosenGoal
{
    private const int ShortestId = 8;
    private const int LongestId = 64;

    /// <summary>The id that a client chose for a new goal, by itself or by its key; null when the mesh chooses.</summary>
    public static GoalId? Of(HttpContext http, string? id, string tenant)
    {
        var key = http.Request.Headers["Idempotency-Key"];
        if (key.Count > 0 && id is not null) throw ProblemException.Bad("idempotency-key-invalid", "Give either an Idempotency-Key or a goal id of your own, not both.");
        return key.Count > 0 ? OfKey(tenant, key.ToString()) : id is null ? null : OfId(id);
    }

    public static ProblemException Reused() =>
        ProblemException.Invalid("idempotency-key-reused", "This Idempotency-Key or goal id was used before, with another body. Take a new one for a new goal.");

    /// <summary>The same key of the same tenant always names the same goal; nothing need be remembered. Such ids do not sort by time.</summary>
    private static GoalId OfKey(string tenant, string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant.Length}:{tenant}{Input.IdempotencyKey(key)}"));
        return TimeOrderedGoalIds.Write(new UInt128(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash.AsSpan(8))));
    }

    private static GoalId OfId(string id) =>
        id.Length is >= ShortestId and <= LongestId && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && id[0] != '-'
            ? new GoalId(id) : throw ProblemException.Invalid("goal-id-invalid", $"A goal id has {ShortestId} to {LongestId} lower-case letters, digits and hyphens, no hyphen first.");
}
