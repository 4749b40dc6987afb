namespace AgentMesh.InferenceBench;

/// <summary>Plans as a model writes them, with other words for each seed.</summary>
internal static class Plans
{
    private static readonly string[] Words =
    [
        "the", "invoice", "order", "terms", "customer", "find", "answer", "with", "check", "against", "contract", "amount", "late", "refund", "ticket", "write", "short",
        "reply", "policy", "of", "and", "for", "a", "date", "total", "missing", "delivery", "read", "compare", "draft",
    ];

    private static readonly string[] Names = ["read", "check", "write", "find", "reply", "passages", "facts", "writer", "retriever", "analyst", "email-1", "knowledge.search"];

    /// <summary>All that plans are made of.</summary>
    public static string Text => string.Join(' ', [.. Words, .. Names, "reason", "steps", "id", "role", "instruction", "inputs", "produces", "when", "tools", "deliver"]);

    public static string Of(int seed)
    {
        var random = new Random(seed);
        var steps = Enumerable.Range(0, random.Next(2, 5)).Select(_ =>
            $$"""{"id":"{{Name()}}","role":"{{Name()}}","instruction":"{{Sentence()}}","inputs":["{{Name()}}"],"produces":"{{Name()}}","when":null,"tools":{{(random.Next(2) == 0 ? "null" : $"[\"{Name()}\"]")}}}""");
        return $$"""{"reason":"{{Sentence()}}","steps":[{{string.Join(',', steps)}}],"deliver":["{{Name()}}"]}""";

        string Name() => Names[random.Next(Names.Length)];
        string Sentence() => string.Join(' ', Enumerable.Range(0, random.Next(8, 16)).Select(_ => Words[random.Next(Words.Length)])) + ".";
    }
}
