using AgentMesh.Tools.Text;

namespace AgentMesh.Tools.Csv;

/// <param name="MaxBytes">Larger files are refused.</param>
/// <param name="MaxRows">Rows behind this are left out and <see cref="CsvTable.Truncated"/> says so.</param>
/// <param name="MaxColumns">Wider files are refused.</param>
public sealed record CsvLimits(int MaxBytes = 25_000_000, int MaxRows = 50_000, int MaxColumns = 1_000);

/// <param name="Line">Line in the file, from 1.</param>
public sealed record CsvProblem(int Line, string Message);

/// <summary>
/// A delimited text file as a table. Cells are text, exactly as in the file; a cell that its row lacks is null. A cell is addressed as
/// <c>name!row:column</c>, rows counted from 1 without the header.
/// </summary>
/// <param name="Delimiter">The character, or <c>tab</c>.</param>
/// <param name="Problems">Ragged rows and bad quotes, with how they were read; at most 50.</param>
public sealed record CsvTable(
    string Name, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, string Source,
    string Delimiter, string Encoding, bool Truncated, IReadOnlyList<CsvProblem> Problems)
{
    private const int MaxProblems = 50;

    /// <param name="name">The file's name; <c>.tsv</c> means tabs.</param>
    /// <param name="delimiter">Null to find out.</param>
    /// <exception cref="CsvException">It is no table, or too large a one.</exception>
    public static CsvTable Parse(ReadOnlySpan<byte> bytes, string name, char? delimiter = null, CsvLimits? limits = null)
    {
        limits ??= new();
        if (bytes.Length > limits.MaxBytes) throw new CsvException($"{name} has {bytes.Length} bytes; at most {limits.MaxBytes} are read.");
        var decoded = TextDecoder.TryDecode(bytes) ?? throw new CsvException($"{name} is not text; export it as CSV.");
        var problems = new List<CsvProblem>();
        if (decoded.Guessed) problems.Add(new(1, "The file is not UTF-8; it was read as windows-1252."));
        return Parse(decoded, name, delimiter ?? (name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : null), limits, problems);
    }

    private static CsvTable Parse(DecodedText decoded, string name, char? delimiter, CsvLimits limits, List<CsvProblem> problems)
    {
        var separator = delimiter ?? DelimiterSniffer.Find(decoded.Text);
        var records = new CsvRecords(decoded.Text, separator);
        var columns = new List<string>();
        var rows = new List<IReadOnlyList<string?>>();
        var truncated = false;
        while (records.Read())
        {
            var (record, line) = (records.Cells.ToArray(), records.Line);
            if (records.Problem is { } problem) Note(problems, line, problem);
            if (record.Length > limits.MaxColumns) throw new CsvException($"{name} has more than {limits.MaxColumns} columns in line {line}.");
            if (columns.Count == 0)
            {
                Header(record, line, columns, problems);
                continue;
            }

            if (rows.Count == limits.MaxRows)
            {
                truncated = true;
                break;
            }

            rows.Add(Row(record, line, columns, problems));
        }

        if (columns.Count == 0) throw new CsvException($"{name} is empty; a table needs a header line.");
        // Rows read before a wider one are as wide as the header was then.
        for (var i = 0; i < rows.Count; i++)
            if (rows[i].Count < columns.Count) rows[i] = [.. rows[i], .. Enumerable.Repeat<string?>(null, columns.Count - rows[i].Count)];
        return new(name, columns, rows, name, separator == '\t' ? "tab" : separator.ToString(), decoded.Encoding, truncated, problems);
    }

    private static void Header(string[] record, int line, List<string> columns, List<CsvProblem> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < record.Length; i++)
        {
            var name = record[i].Trim();
            if (name.Length == 0) name = $"column {i + 1}";
            var unique = name;
            for (var copy = 2; !seen.Add(unique); copy++) unique = $"{name} ({copy})";
            if (unique != name) Note(problems, line, $"Column '{name}' appears more than once; a later one is called '{unique}'.");
            columns.Add(unique);
        }
    }

    private static string?[] Row(string[] record, int line, List<string> columns, List<CsvProblem> problems)
    {
        var cells = record.AsSpan();
        while (cells.Length > columns.Count && cells[^1].Length == 0) cells = cells[..^1];
        if (cells.Length < columns.Count)
        {
            Note(problems, line, $"The row has {cells.Length} of {columns.Count} cells; the missing ones are null.");
        }
        else if (cells.Length > columns.Count)
        {
            Note(problems, line, $"The row has {cells.Length} cells where {columns.Count} are expected; columns were added for the rest.");
            while (columns.Count < cells.Length) columns.Add(Unused(columns));
        }

        var row = new string?[columns.Count];
        for (var i = 0; i < cells.Length; i++) row[i] = cells[i];
        return row;
    }

    private static string Unused(List<string> columns)
    {
        var name = $"column {columns.Count + 1}";
        while (columns.Contains(name)) name += "'";
        return name;
    }

    private static void Note(List<CsvProblem> problems, int line, string message)
    {
        if (problems.Count < MaxProblems) problems.Add(new(line, message));
    }
}

/// <summary>A file that cannot be read as a table, in one sentence.</summary>
public sealed class CsvException(string message) : Exception(message);
