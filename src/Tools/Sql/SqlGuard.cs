namespace AgentMesh.Tools.Sql;

/// <summary>
/// Says of a statement whether it only reads. The read-only transaction already stops every write to tables; this stops what a read-only transaction
/// lets through: reading the server's files, running programs, reaching other servers, sleeping, locking, changing settings, and SQL hidden in text.
/// </summary>
/// <remarks>
/// A statement must begin with SELECT, WITH, VALUES or TABLE (an allow-list, so that no other command needs to be known), there is only one, and no
/// function of a dangerous family is named anywhere, quoted or not. Families go by prefix because the server's administrative functions share
/// theirs (<c>pg_</c>, <c>lo_</c>, …) and new versions add more; the few harmless ones among them are listed. Functions that users created cannot be known:
/// a role that may not execute them is the answer to those.
/// </remarks>
internal static class SqlGuard
{
    private static readonly HashSet<string> Beginnings = ["select", "with", "values", "table"];

    private static readonly string[] DeniedPrefixes =
        ["pg_", "lo_", "dblink", "postgres_fdw", "file_fdw", "binary_upgrade_", "http_", "aws_", "azure_", "crosstab", "plpgsql_", "adminpack_"];

    private static readonly HashSet<string> HarmlessOfDeniedPrefixes =
        ["pg_typeof", "pg_column_size", "pg_get_viewdef", "pg_get_constraintdef", "pg_get_indexdef", "pg_table_is_visible", "pg_catalog", "pg_size_pretty"];

    private static readonly HashSet<string> Denied =
    [
        "lowrite", "loread", "set_config", "setval", "nextval", "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema",
        "cursor_to_xml", "cursor_to_xmlschema", "table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema", "schema_to_xml", "schema_to_xmlschema",
        "schema_to_xml_and_xmlschema", "database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema", "ts_stat", "ts_rewrite", "connectby",
        "txid_current", "inet_server_addr", "inet_server_port", "inet_client_addr", "http",
    ];

    /// <exception cref="SqlRefusedException">It is not one statement that only reads.</exception>
    public static void Check(string sql)
    {
        var tokens = SqlLexer.Read(sql);
        while (tokens.Count > 0 && tokens[^1].Is(';')) tokens.RemoveAt(tokens.Count - 1);
        if (tokens.Count == 0) throw new SqlRefusedException("There is no statement.");
        if (tokens.Exists(token => token.Is(';'))) throw new SqlRefusedException("Only one statement is run at a time; send them one by one.");

        var first = tokens.Find(token => !token.Is('('));
        if (first.Kind != SqlTokenKind.Word || !Beginnings.Contains(first.Text))
            throw new SqlRefusedException($"Only SELECT, WITH, VALUES and TABLE statements are run, not '{first.Text?.ToUpperInvariant()}'.");

        for (var i = 0; i < tokens.Count; i++)
            if (tokens[i].Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName && IsDenied(tokens[i].Text.ToLowerInvariant(), IsCalled(tokens, i)))
                throw new SqlRefusedException($"'{tokens[i].Text}' is refused: it can do more than read tables.");
    }

    /// <summary>Catalogue tables like pg_class may be read; it is the functions that act. A name that is called is followed by a parenthesis.</summary>
    private static bool IsCalled(List<SqlToken> tokens, int at) => at + 1 < tokens.Count && tokens[at + 1].Is('(');

    private static bool IsDenied(string name, bool called)
    {
        if (SecretTables.Contains(name)) return true;
        if (!called || HarmlessOfDeniedPrefixes.Contains(name)) return false;
        return Denied.Contains(name) || DeniedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>Catalogue tables that hold password hashes, connection secrets, other people's statements or the server's files.</summary>
    private static readonly HashSet<string> SecretTables =
    [
        "pg_authid", "pg_shadow", "pg_user_mapping", "pg_user_mappings", "pg_largeobject", "pg_stat_activity", "pg_stat_statements", "pg_hba_file_rules",
        "pg_file_settings", "pg_settings", "pg_subscription", "pg_statistic", "pg_stats",
    ];
}
