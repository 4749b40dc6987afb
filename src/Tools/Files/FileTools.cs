using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Tools.Files;

internal sealed record ListArguments(string? Path = null, string? Pattern = null);
internal sealed record ListResult(string Path, IReadOnlyList<ScopedFile> Files, bool Truncated);

/// <summary><c>files.list</c>: the files below a folder.</summary>
public sealed class FilesListTool : ITool
{
    public const string Name = "files.list";
    private readonly FilesScope _scope;

    internal FilesListTool(FilesScope scope) => _scope = scope;

    public FilesListTool(FilesOptions options) : this(new FilesScope(options))
    {
    }

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = Name,
        Description = "Lists the files in a folder and below it, with their sizes.",
        Parameters = Schema,
        Effect = ToolEffect.Pure,
    };

    public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.ListArguments);
        var path = arguments.Path ?? "";
        var files = _scope.List(path, arguments.Pattern, out var truncated);
        return Task.FromResult(ToolArguments.Result(new(path, files, truncated), ToolJson.Default.ListResult));
    }

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "path": { "type": "string", "maxLength": 1000, "description": "Folder relative to the root; the root itself by default" },
            "pattern": { "type": "string", "maxLength": 200, "description": "Like *.md, matched against the name; with a slash, against the path" }
          }
        }
        """);
}

internal sealed record ReadArguments(string Path, int? Offset = null, int? Limit = null);

/// <param name="Start">Offset of the text's first character in the file (UTF-16 units).</param>
/// <param name="Line">Line number of the text's first character, from 1.</param>
internal sealed record ReadResult(
    string Path, string Text, int Start, int End, int Line, int Characters, string Encoding, bool Truncated);

/// <summary><c>files.read</c>: a stretch of a text file.</summary>
public sealed class FilesReadTool : ITool
{
    public const string Name = "files.read";
    private readonly FilesScope _scope;
    private readonly int _most;

    internal FilesReadTool(FilesScope scope, int most)
    {
        _scope = scope;
        _most = most;
    }

    public FilesReadTool(FilesOptions options) : this(new FilesScope(options), options.MaxCharacters)
    {
    }

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = Name,
        Description = "Reads a text file, or a part of it, with offsets that can be cited.",
        Parameters = Schema,
        Effect = ToolEffect.Pure,
    };

    public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.ReadArguments);
        var (text, encoding, _) = _scope.ReadText(arguments.Path);
        var start = Math.Clamp(arguments.Offset ?? 0, 0, text.Length);
        var end = (int)Math.Min(text.Length, start + (long)Math.Clamp(arguments.Limit ?? _most, 0, _most));
        var line = 1 + text.AsSpan(0, start).Count('\n');
        return Task.FromResult(ToolArguments.Result(
            new(arguments.Path, text[start..end], start, end, line, text.Length, encoding, end < text.Length), ToolJson.Default.ReadResult));
    }

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["path"],
          "properties": {
            "path": { "type": "string", "minLength": 1, "maxLength": 1000, "description": "File relative to the root" },
            "offset": { "type": "integer", "minimum": 0, "description": "First character; 0 by default" },
            "limit": { "type": "integer", "minimum": 1, "description": "Most characters to return" }
          }
        }
        """);
}

internal sealed record SearchArguments(string Query, string? Path = null, string? Pattern = null, int? Limit = null);

/// <param name="Skipped">Files that could not be searched, with why; at most 20.</param>
internal sealed record SearchResult(string Query, IReadOnlyList<Finding> Findings, int FilesSearched, IReadOnlyList<SkippedFile> Skipped);
internal sealed record SkippedFile(string File, string Reason);

/// <summary><c>files.search</c>: quotes from the files that answer a query best.</summary>
public sealed class FilesSearchTool : ITool
{
    public const string Name = "files.search";
    private const int DefaultLimit = 10;
    private const int MaxSkipped = 20;
    private readonly FilesScope _scope;

    internal FilesSearchTool(FilesScope scope) => _scope = scope;

    public FilesSearchTool(FilesOptions options) : this(new FilesScope(options))
    {
    }

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = Name,
        Description = "Searches text files for the words of a query, ignoring case, and returns the best matching quotes with file, line and offsets.",
        Parameters = Schema,
        Effect = ToolEffect.Pure,
    };

    public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.SearchArguments);
        var search = new FileSearch(arguments.Query);
        var skipped = new List<SkippedFile>();
        var files = _scope.List(arguments.Path ?? "", arguments.Pattern, out var truncated);
        var searched = 0;
        foreach (var file in files)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                search.Add(file.Path, _scope.ReadText(file.Path).Text);
                searched++;
            }
            catch (ToolException exception)
            {
                if (skipped.Count < MaxSkipped) skipped.Add(new(file.Path, exception.Message));
            }
        }

        if (truncated) skipped.Add(new("", $"Only the first {files.Count} files were searched; narrow it with path or pattern."));
        var findings = search.Best(arguments.Limit ?? DefaultLimit);
        return Task.FromResult(ToolArguments.Result(new(arguments.Query, findings, searched, skipped), ToolJson.Default.SearchResult));
    }

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["query"],
          "properties": {
            "query": { "type": "string", "minLength": 1, "maxLength": 500 },
            "path": { "type": "string", "maxLength": 1000, "description": "Folder relative to the root; the root itself by default" },
            "pattern": { "type": "string", "maxLength": 200, "description": "Like *.md" },
            "limit": { "type": "integer", "minimum": 1, "maximum": 50, "description": "Most quotes to return; 10 by default" }
          }
        }
        """);
}
