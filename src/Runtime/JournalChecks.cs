namespace AgentMesh.Runtime;

/// <summary>What every journal checks before it writes.</summary>
public static class JournalChecks
{
    /// <exception cref="ArgumentException">The append breaks the port's rules, whatever is stored.</exception>
    public static void Check(this JournalAppend append)
    {
        Storable(append.Goal.Value, "goal id");
        Storable(append.Writer, "writer");
        if (append.Expected < 0) throw new ArgumentException($"Goal {append.Goal} cannot be appended to after {append.Expected}.", nameof(append));
        if (append.Entries.Count == 0) throw new ArgumentException($"An append to goal {append.Goal} has no entries.", nameof(append));
        for (var i = 0; i < append.Entries.Count; i++)
            if (append.Entries[i].Sequence != append.Expected + 1 + i)
                throw new ArgumentException(
                    $"Entry {i + 1} of the append to goal {append.Goal} has sequence {append.Entries[i].Sequence}; it must be {append.Expected + 1 + i}.", nameof(append));
        if (append.Summary is { } summary && summary.Goal != append.Goal)
            throw new ArgumentException($"The append to goal {append.Goal} carries the summary of {summary.Goal}.", nameof(append));
    }

    /// <exception cref="ArgumentException">The query names a bucket that is none of its buckets, or no goals at all.</exception>
    public static void Check(this DueQuery query)
    {
        if (query.Buckets < 1 || query.Bucket < 0 || query.Bucket >= query.Buckets)
            throw new ArgumentException($"Bucket {query.Bucket} is not one of {query.Buckets}; give 0 to one less than the number of buckets.", nameof(query));
        if (query.Limit < 1) throw new ArgumentException($"A page of {query.Limit} goals cannot be read; ask for one at least.", nameof(query));
    }

    /// <exception cref="ArgumentException">It cannot name a writer.</exception>
    public static void CheckWriter(string writer) => Storable(writer, "writer");

    private static void Storable(string? value, string what)
    {
        if (string.IsNullOrEmpty(value) || value.Length > 200 || value.Any(c => char.IsControl(c) || char.IsSurrogate(c)))
            throw new ArgumentException($"A {what} is 1 to 200 characters without control characters.", nameof(value));
    }
}
