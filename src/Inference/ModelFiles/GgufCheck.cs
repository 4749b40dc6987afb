using AgentMesh.Inference.Gguf;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>Whether a file is a GGUF file, by its whole header; a part of a split model is one too.</summary>
internal static class GgufCheck
{
    /// <param name="name">For the message; null: the path.</param>
    /// <returns>A sentence; null when nothing is wrong.</returns>
    public static string? Fault(string path, string? name = null)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
            GgufFile.Read(file, name ?? path, DateTime.MinValue, part: true);
            return null;
        }
        catch (GgufException e)
        {
            return e.Message;
        }
    }
}
