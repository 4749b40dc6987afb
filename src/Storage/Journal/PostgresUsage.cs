using AgentMesh.Contracts;
using Npgsql;

namespace AgentMesh.Storage.Journal;

/// <summary>What goals spent, summed up by the database over the list of goals.</summary>
public sealed class PostgresUsage(NpgsqlDataSource source, StorageOptions options, TimeProvider time) : IUsage
{
    private const string Range = "submitted_at >= $1 AND submitted_at < $2 AND ($3 IS NULL OR tenant = $3)";

    private const string Goals = $"""
        SELECT (submitted_at AT TIME ZONE 'UTC')::date AS day, tenant, count(*), count(*) FILTER (WHERE ended = 3), count(*) FILTER (WHERE ended = 4), count(*) FILTER (WHERE ended = 5)
        FROM goals WHERE {Range} GROUP BY day, tenant ORDER BY day, tenant
        """;

    private const string Models = $$"""
        SELECT (submitted_at AT TIME ZONE 'UTC')::date AS day, tenant, part ->> 'model' AS model,
               sum(coalesce((part #>> '{usage,modelCalls}')::bigint, 0))::bigint, sum(coalesce((part #>> '{usage,inputTokens}')::bigint, 0))::bigint,
               sum(coalesce((part #>> '{usage,outputTokens}')::bigint, 0))::bigint, sum(coalesce((part #>> '{usage,toolCalls}')::bigint, 0))::bigint,
               sum(coalesce((part #>> '{usage,cost}')::numeric, 0)), sum(coalesce((part #>> '{usage,seconds}')::float8, 0))
        FROM goals CROSS JOIN jsonb_array_elements(usage) AS parts (part)
        WHERE usage IS NOT NULL AND {{Range}} GROUP BY day, tenant, part ->> 'model' ORDER BY (part ->> 'model') COLLATE "C" NULLS FIRST
        """;

    public Task<IReadOnlyList<UsageDay>> Read(UsageQuery query, CancellationToken ct = default) =>
        JournalPatience.Outlast<IReadOnlyList<UsageDay>>(time, options.JournalPatience, async token =>
        {
            var spent = new Dictionary<(DateOnly, string), List<ModelUsage>>();
            await using (var models = Command(Models, query))
            await using (var row = await models.ExecuteReaderAsync(token))
            {
                while (await row.ReadAsync(token))
                {
                    var day = (row.GetFieldValue<DateOnly>(0), row.GetString(1));
                    if (!spent.TryGetValue(day, out var all)) spent[day] = all = [];
                    all.Add(new ModelUsage(
                        row.IsDBNull(2) ? null : row.GetString(2),
                        new Usage(Int(row.GetInt64(3)), row.GetInt64(4), row.GetInt64(5), Int(row.GetInt64(6)), row.GetDecimal(7), row.GetDouble(8))));
                }
            }

            var days = new List<UsageDay>();
            await using var goals = Command(Goals, query);
            await using var reader = await goals.ExecuteReaderAsync(token);
            while (await reader.ReadAsync(token))
            {
                var (day, tenant) = (reader.GetFieldValue<DateOnly>(0), reader.GetString(1));
                days.Add(new UsageDay(
                    day, tenant, Int(reader.GetInt64(2)), Int(reader.GetInt64(3)), Int(reader.GetInt64(4)), Int(reader.GetInt64(5)), spent.GetValueOrDefault((day, tenant)) ?? []));
            }

            return days;
        }, ct);

    private NpgsqlCommand Command(string sql, UsageQuery query)
    {
        var command = source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = query.From.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) });
        command.Parameters.Add(new() { Value = query.To == DateOnly.MaxValue ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) : query.To.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) });
        command.Parameters.Add(new() { Value = (object?)query.Tenant ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        return command;
    }

    private static int Int(long value) => (int)Math.Min(value, int.MaxValue);
}
