using AgentMesh.Agents;
using Npgsql;

namespace AgentMesh.Storage.Knowledge;

/// <summary>Documents cut into passages, found by PostgreSQL's full-text index (English stems) and ranked by <see cref="Ranking"/>.</summary>
public sealed class PostgresKnowledge(NpgsqlDataSource source, StorageOptions options, TimeProvider time) : IKnowledge
{
    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public Task Add(KnowledgeDocument document, CancellationToken ct)
    {
        // The stored text keeps its length, so offsets count in the text as it was given.
        var text = StoredText.Clean(document.Text);
        var title = StoredText.Clean(Passages.Title(text, document.Name));
        var stretches = Passages.Cut(text);
        var words = stretches.Select(s => Words(text.AsSpan(s.Start, s.End - s.Start))).ToArray();
        return StoreTrouble.Outlast(time, options.JournalPatience, async token =>
        {
            await using var connection = await source.OpenConnectionAsync(token);
            await using var transaction = await connection.BeginTransactionAsync(token);
            await using (var remove = new NpgsqlCommand("DELETE FROM documents WHERE tenant = $1 AND collection = $2 AND name = $3", connection))
            {
                foreach (var key in new[] { document.Tenant, document.Collection, document.Name }) remove.Parameters.Add(new() { Value = key });
                await remove.ExecuteNonQueryAsync(token);
            }
            await using var add = new NpgsqlCommand("""
                WITH added AS (
                    INSERT INTO documents (tenant, collection, name, title, characters, passages, words, added_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
                )
                INSERT INTO passages (document, number, start_at, end_at, text, words, search)
                SELECT added.id, n, p.start_at, p.end_at, p.text, p.words,
                    setweight(to_tsvector('pg_catalog.english', lower($4)), 'A') || setweight(to_tsvector('pg_catalog.english', p.headings), 'B')
                    || to_tsvector('pg_catalog.english', p.body)
                FROM added, unnest($9, $10, $11, $12, $13, $14) WITH ORDINALITY AS p (start_at, end_at, text, body, headings, words, n)
                """, connection);
            object[] values =
            [
                document.Tenant, document.Collection, document.Name, title, text.Length, stretches.Count, words.Sum(w => (long)w), time.GetUtcNow().UtcDateTime,
                stretches.Select(s => s.Start).ToArray(), stretches.Select(s => s.End).ToArray(), stretches.Select(s => text[s.Start..s.End]).ToArray(),
                // Lower case here: the server knows only ASCII letters' cases in its text search.
                stretches.Select(s => text[s.Start..s.End].ToLowerInvariant()).ToArray(), stretches.Select(s => s.Headings.ToLowerInvariant()).ToArray(), words,
            ];
            foreach (var value in values) add.Parameters.Add(new() { Value = value });
            await add.ExecuteNonQueryAsync(token);
            await transaction.CommitAsync(token);
            return 0;
        }, ct);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Passage>> Search(string tenant, IReadOnlyList<string> collections, string query, int limit, CancellationToken ct) =>
        StoreTrouble.Outlast(time, options.JournalPatience, token => Ranking.Default.Search(source, tenant, collections, query, limit, token), ct);

    /// <inheritdoc/>
    public Task<IReadOnlyList<KnowledgeEntry>> List(string tenant, string? collection, CancellationToken ct) =>
        StoreTrouble.Outlast<IReadOnlyList<KnowledgeEntry>>(time, options.JournalPatience, async token =>
        {
            await using var list = source.CreateCommand("""
                SELECT collection, name, title, characters, passages, added_at FROM documents
                WHERE tenant = $1 AND ($2::text IS NULL OR collection = $2) ORDER BY collection, name
                """);
            list.Parameters.Add(new() { Value = tenant });
            list.Parameters.Add(new() { Value = (object?)collection ?? DBNull.Value });
            await using var reader = await list.ExecuteReaderAsync(token);
            var entries = new List<KnowledgeEntry>();
            while (await reader.ReadAsync(token))
                entries.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetInt32(4), new(reader.GetDateTime(5))));
            return entries;
        }, ct);

    private static int Words(ReadOnlySpan<char> text)
    {
        var words = 0;
        for (var i = 0; i < text.Length; i++)
            if (char.IsLetterOrDigit(text[i]) && (i == 0 || !char.IsLetterOrDigit(text[i - 1]))) words++;
        return words;
    }
}
