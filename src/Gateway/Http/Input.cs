using System.Globalization;
using AgentMesh.Contracts;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Http;

/// <summary>Names and numbers from outside, checked once.</summary>
internal static class Input
{
    public const string Tenant = "default";
    private const int LongestName = 200;
    private const int LongestKey = 255;

    /// <summary>A goal's id as the route gives it. What cannot be an id is no goal.</summary>
    public static GoalId Goal(string id) =>
        IsName(id) ? new GoalId(id) : throw new MeshException("goal-not-found", "There is no such goal. GET /v1/goals lists what there is.");

    /// <summary>The same for a goal that is not there and for one of another tenant, so that nobody learns which.</summary>
    public static MeshException NoGoal(GoalId goal) => new("goal-not-found", $"There is no goal {goal}. GET /v1/goals lists what there is.");

    public static bool IsName(string? text) => text is { Length: > 0 and <= LongestName } && !text.Any(c => char.IsControl(c) || char.IsSurrogate(c));

    public static string IdempotencyKey(string key) => key.Length is > 0 and <= LongestKey && !key.Any(c => c is < ' ' or > '~')
        ? key : throw ProblemException.Bad("idempotency-key-invalid", $"An Idempotency-Key has 1 to {LongestKey} printable ASCII characters; a UUID does well.");

    /// <summary>A name that may be left out.</summary>
    public static string Name(string? text, string what, string otherwise) => text is null ? otherwise : Name(text, what);

    public static string Name(string? text, string what) => IsName(text)
        ? text! : throw ProblemException.Invalid("name-invalid", $"{what} must have 1 to {LongestName} characters, without control characters or emoji.");

    public static IReadOnlyList<string> Names(IReadOnlyList<string>? texts, string what) => [.. (texts ?? []).Select(t => Name(t, $"Every entry of {what}"))];

    /// <summary>Text of a person: never empty, never longer than a goal's.</summary>
    public static string Text(string text, string what, int most) =>
        string.IsNullOrWhiteSpace(text) ? throw ProblemException.Invalid("text-empty", $"{what} is empty. Say in a sentence what it is.")
        : text.Length > most ? throw ProblemException.Invalid("text-too-long", $"{what} has {text.Length} characters; the limit is {most}.")
        : text;

    public static string? Query(HttpContext http, string name) => http.Request.Query.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : null;

    /// <summary>A query value that is a name; null when it is not given.</summary>
    public static string? NameQuery(HttpContext http, string name) => Query(http, name) is not { } text ? null
        : IsName(text) ? text : throw ProblemException.Bad("query-invalid", $"{name} must have 1 to {LongestName} characters, without control characters.");

    /// <summary>A moment as RFC 3339 writes it; null when it is not given.</summary>
    public static DateTimeOffset? Time(HttpContext http, string name) => Query(http, name) is not { } text ? null
        : text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw ProblemException.Bad("query-invalid", $"{name} is a time like 2026-03-01T12:00:00Z (a + in it as %2B), not {Shown(text)}.");

    public static DateOnly Day(HttpContext http, string name, DateOnly otherwise) => Query(http, name) is not { } text ? otherwise
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw ProblemException.Bad("query-invalid", $"{name} is a day like 2026-03-01, not {Shown(text)}.");

    /// <summary>Words to look for; null when there are none.</summary>
    public static string? Words(HttpContext http, string name) => Query(http, name) is not { } text || string.IsNullOrWhiteSpace(text) ? null
        : text.Length <= LongestName ? text : throw ProblemException.Bad("query-invalid", $"{name} must have at most {LongestName} characters.");

    public static bool Flag(HttpContext http, string name, bool otherwise) => Query(http, name) switch
    {
        null => otherwise,
        "" or "true" or "1" => true,
        "false" or "0" => false,
        var other => throw ProblemException.Bad("query-invalid", $"{name} is true or false, not {Shown(other)}."),
    };

    public static long Number(HttpContext http, string name, long otherwise, long least, long most) =>
        Query(http, name) is not { } text ? otherwise : Number(text, name, least, most);

    public static long Number(string text, string name, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number : throw ProblemException.Bad("query-invalid", $"{name} is a whole number from {least} to {most}, not {Shown(text)}.");

    private static string Shown(string text) => text.Length is > 0 and <= 40 && !text.Any(char.IsControl) ? $"'{text}'" : "that";
}
