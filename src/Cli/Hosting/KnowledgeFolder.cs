using System.Text;
using AgentMesh.Agents;
using AgentMesh.Cli.Output;

namespace AgentMesh.Cli.Hosting;

/// <summary>Brings a folder of text files into the knowledge base.</summary>
internal static class KnowledgeFolder
{
    private const int LargestFile = 4 * 1024 * 1024;
    private static readonly string[] Extensions = [".md", ".markdown", ".txt", ".rst", ".html", ".htm"];

    /// <returns>The collection's name.</returns>
    public static async Task<string> Add(IKnowledge knowledge, string folder, string? collection, Terminal terminal, CancellationToken ct)
    {
        var root = Path.GetFullPath(folder);
        var name = collection ?? Path.GetFileName(root.TrimEnd(Path.DirectorySeparatorChar));
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        var files = Directory.EnumerateFiles(root, "*", options)
            .Where(f => Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0) throw new CliException($"{folder} holds no text files ({string.Join(", ", Extensions)}).");
        foreach (var file in files)
        {
            if (new FileInfo(file).Length > LargestFile)
            {
                terminal.Err.WriteLine($"{file} is larger than 4 MiB and was left out.");
                continue;
            }

            var relative = Path.GetRelativePath(root, file).Replace('\\', '/');
            await knowledge.Add(new KnowledgeDocument("default", name, relative, await File.ReadAllTextAsync(file, Encoding.UTF8, ct)), ct);
        }

        return name;
    }
}
