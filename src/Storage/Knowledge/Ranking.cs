using AgentMesh.Agents;
using Npgsql;

namespace AgentMesh.Storage.Knowledge;

/// <summary>
/// BM25 over the passages that share a stemmed word with the query: rare words count more, repeated ones less and less, long passages are not
/// favoured. A word of the title or of a heading counts as several of the text.
/// </summary>
/// <param name="K1">How soon repetition stops to help.</param>
/// <param name="B">How much length is held against a passage, 0..1.</param>
/// <param name="Title">Weight of a word in the document's title, where one in the text has 1.</param>
/// <param name="Heading">Weight of a word in a heading.</param>
/// <param name="SameDocument">What remains of a passage's score when one of its document is chosen already.</param>
/// <param name="Neighbour">The same when the chosen one is right beside it.</param>
internal sealed record Ranking(double K1 = 1.2, double B = 0.5, double Title = 2.5, double Heading = 1.5, double SameDocument = 0.7, double Neighbour = 0.5)
{
    public static readonly Ranking Default = new();

    /// <summary>A whole mail can be a query; words behind this many characters change nothing that matters.</summary>
    private const int LongestQuery = 4000;

    private const string Sql = """
        WITH scope AS MATERIALIZED (
            SELECT id, passages, words FROM documents WHERE tenant = $1 AND (cardinality($2) = 0 OR collection = ANY ($2))
        ), stats AS (
            SELECT sum(passages)::float8 AS passages, sum(words)::float8 / nullif(sum(passages), 0) AS length FROM scope
        ), asked AS MATERIALIZED (
            SELECT lexeme, 1 + ln(cardinality(positions)) AS weight FROM unnest(to_tsvector('pg_catalog.english', $3))
        ), hits AS MATERIALIZED (
            SELECT p.document, p.number, p.words, lexeme, a.weight,
                (SELECT sum(CASE w WHEN 'A' THEN $4 WHEN 'B' THEN $5 ELSE 1 END) FROM unnest(t.weights) AS w) AS frequency
            FROM passages p
            JOIN scope ON scope.id = p.document
            CROSS JOIN LATERAL unnest(p.search) AS t (lexeme, positions, weights)
            JOIN asked a USING (lexeme)
            WHERE p.search @@ (SELECT string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', '|')::tsquery FROM asked)
        ), rarity AS (
            SELECT lexeme, ln(1 + (max(stats.passages) - count(*) + 0.5) / (count(*) + 0.5)) AS idf FROM hits CROSS JOIN stats GROUP BY lexeme
        ), scored AS (
            SELECT document, number, sum(weight * idf * frequency * ($6 + 1) / (frequency + $6 * (1 - $7 + $7 * hits.words / stats.length))) AS score
            FROM hits JOIN rarity USING (lexeme) CROSS JOIN stats
            GROUP BY document, number
            ORDER BY score DESC, document, number
            LIMIT $8
        )
        SELECT d.collection, d.name, d.title, p.start_at, p.end_at, p.text, s.score, p.document, p.number
        FROM scored s JOIN passages p USING (document, number) JOIN documents d ON d.id = p.document
        ORDER BY s.score DESC, p.document, p.number
        """;

    public async Task<IReadOnlyList<Passage>> Search(
        NpgsqlDataSource source, string tenant, IReadOnlyList<string> collections, string query, int limit, CancellationToken ct)
    {
        await using var command = source.CreateCommand(Sql);
        var words = StoredText.Clean(query.Length > LongestQuery ? query[..LongestQuery] : query).ToLowerInvariant();
        foreach (var value in new object[] { tenant, collections.ToArray(), words, Title, Heading, K1, B, limit * 4 + 16 })
            command.Parameters.Add(new() { Value = value });

        await using var reader = await command.ExecuteReaderAsync(ct);
        var candidates = new List<Candidate>();
        while (await reader.ReadAsync(ct))
            candidates.Add(new(
                new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetString(5), reader.GetDouble(6)),
                reader.GetInt64(7), reader.GetInt32(8)));
        return Choose(candidates, limit);
    }

    /// <summary>Best first, but a second passage of one document, most of all a neighbour, must be clearly better than the next document's.</summary>
    private List<Passage> Choose(List<Candidate> candidates, int limit)
    {
        var chosen = new List<Candidate>();
        while (chosen.Count < limit && candidates.Count > 0)
        {
            var best = candidates.MaxBy(candidate => candidate.Passage.Score * chosen.Select(candidate.Beside(this)).DefaultIfEmpty(1).Min())!;
            chosen.Add(best);
            candidates.Remove(best);
        }
        return [.. chosen.Select(c => c.Passage)];
    }

    private sealed record Candidate(Passage Passage, long Document, int Number)
    {
        public Func<Candidate, double> Beside(Ranking ranking) => chosen =>
            Document != chosen.Document ? 1 : Math.Abs(Number - chosen.Number) <= 1 ? ranking.Neighbour : ranking.SameDocument;
    }
}
