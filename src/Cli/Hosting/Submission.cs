using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Cli.Hosting;

/// <summary>A goal as the command line gives it, on its way to become a <see cref="GoalSpec"/>.</summary>
internal sealed record Submission
{
    public const int LargestFile = 25 * 1024 * 1024;

    public required string Text { get; init; }
    public required IReadOnlyList<string> Attachments { get; init; }
    public required IReadOnlyList<string> Tables { get; init; }
    public required IReadOnlyList<string> Knowledge { get; init; }
    public required IReadOnlyList<string> Wants { get; init; }
    public string? Playbook { get; init; }
    public required GoalConstraints Constraints { get; init; }

    /// <summary>Reads and understands every attached file.</summary>
    /// <exception cref="CliException">One is missing or too large.</exception>
    public IReadOnlyList<AttachedFile> ReadFiles()
    {
        if (string.IsNullOrWhiteSpace(Text)) throw new CliException("The goal has no text. Say in a sentence what is wanted.");
        foreach (var folder in Knowledge)
            if (!Directory.Exists(folder)) throw new CliException($"There is no folder {folder} (--knowledge).");
        return [.. Attachments.Select(path => new AttachedFile(Path.GetFileName(path), Read(path, "--attach"))), .. Tables.Select(path => new AttachedFile(Path.GetFileName(path), Read(path, "--data"), "table"))];
    }

    public async Task<GoalId> Submit(IMeshAccess host, IReadOnlyList<AttachedFile> files, Terminal terminal, CancellationToken ct)
    {
        var collections = new List<string>();
        foreach (var folder in Knowledge) collections.Add(await KnowledgeFolder.Add(host.Knowledge, folder, null, terminal, ct));
        return await host.Submit(
            new GoalSpec
            {
                Text = Text, Wants = Wants, Playbook = Playbook, Knowledge = collections, Constraints = Constraints, SubmittedBy = host.User,
            },
            files, terminal.Err.WriteLine, ct);
    }

    private static byte[] Read(string path, string option)
    {
        var file = new FileInfo(path);
        if (!file.Exists) throw new CliException(Directory.Exists(path) ? $"{path} is a folder; {option} takes files." : $"There is no file {path} ({option}).");
        if (file.Length > LargestFile)
            throw new CliException($"{path} has {file.Length / 1048576.0:0.0} MiB; the limit is {LargestFile / 1048576} MiB. Cut it, or attach only the part that matters.");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} cannot be read: {e.Message}", ExitCodes.Usage, e);
        }
    }
}
