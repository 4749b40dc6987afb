using System.Text;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Tools.Files;

namespace AgentMesh.Tools.Csv;

internal sealed record CsvReadArguments(string? Path = null, string? Text = null, string? Name = null, string? Delimiter = null, int? MaxRows = null);

/// <summary><c>csv.read</c>: a table from a file below the files root, or from text that the agent has.</summary>
public sealed class CsvReadTool : ITool
{
    public const string Name = "csv.read";
    private const int DefaultRows = 5_000;
    private readonly FilesScope? _scope;

    internal CsvReadTool(FilesScope? scope) => _scope = scope;

    /// <param name="files">Null: only text that is given can be read.</param>
    public CsvReadTool(FilesOptions? files) : this(files is null ? null : new FilesScope(files))
    {
    }

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = Name,
        Description = "Reads delimited text as a table of text cells. Finds the delimiter and the encoding, and reports rows that do not fit. A cell is cited as name!row:column, rows counted from 1 without the header.",
        Parameters = Schema,
        Effect = ToolEffect.Pure,
    };

    public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.CsvReadArguments);
        if (arguments.Path is null == arguments.Text is null) throw ToolArguments.Wrong("Give either path or text.");
        var bytes = arguments.Path is { } path ? File(path) : Encoding.UTF8.GetBytes(arguments.Text!);
        var name = arguments.Name ?? arguments.Path?.Split('/')[^1] ?? "table.csv";
        var delimiter = arguments.Delimiter switch
        {
            null => (char?)null,
            "tab" or "\t" => '\t',
            "," or ";" or "|" => arguments.Delimiter[0],
            var other => throw ToolArguments.Wrong($"Delimiter '{other}' is unknown; use ',', ';', '|' or 'tab'."),
        };
        try
        {
            var table = CsvTable.Parse(bytes, name, delimiter, new(MaxRows: Math.Clamp(arguments.MaxRows ?? DefaultRows, 1, DefaultRows)));
            return Task.FromResult(ToolArguments.Result(table with { Source = arguments.Path ?? name }, ToolJson.Default.CsvTable));
        }
        catch (CsvException exception)
        {
            throw ToolArguments.Wrong(exception.Message, exception);
        }
    }

    private byte[] File(string path) => _scope is null
        ? throw ToolArguments.Wrong("No files root is configured (AGENTMESH_FILES_ROOT); give the table as text.")
        : _scope.Read(path);

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "path": { "type": "string", "minLength": 1, "maxLength": 1000, "description": "File relative to the files root" },
            "text": { "type": "string", "description": "The delimited text itself, instead of a path" },
            "name": { "type": "string", "maxLength": 200, "description": "What to call the table in citations; the file's name by default" },
            "delimiter": { "enum": [",", ";", "|", "tab"], "description": "Found out when absent" },
            "maxRows": { "type": "integer", "minimum": 1, "maximum": 5000 }
          }
        }
        """);
}
