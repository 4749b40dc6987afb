using AgentMesh.Agents;
using AgentMesh.Tools.Text;

namespace AgentMesh.Tools.Files;

/// <param name="Path">Relative to the root, with forward slashes.</param>
internal sealed record ScopedFile(string Path, long Bytes);

/// <summary>
/// The only way to the files below a root. A path is refused when it is absolute, climbs with <c>..</c>, or leads outside through a symbolic link
/// in any of its parts. A file is verified again after it was opened and before a byte is read, so that swapping a link in between gains nothing.
/// Hard links cannot be told from files; whoever may create them in the root can already read what they point to.
/// </summary>
internal sealed class FilesScope
{
    private readonly FilesOptions _options;
    private readonly string _root;

    /// <exception cref="DirectoryNotFoundException">The root is no folder.</exception>
    public FilesScope(FilesOptions options)
    {
        _options = options;
        if (!Directory.Exists(options.Root)) throw new DirectoryNotFoundException($"The files root '{options.Root}' is not a folder.");
        _root = Path.TrimEndingDirectorySeparator(RealPath(Path.GetFullPath(options.Root)));
    }

    /// <summary>For tests: runs between the check of a path and its opening.</summary>
    internal Action<string>? BeforeOpen { get; init; }

    /// <summary>The bytes of a file, at most the configured size.</summary>
    /// <exception cref="ToolException">Permanent: no such file, outside the root, no regular file, or too large.</exception>
    public byte[] Read(string path)
    {
        var full = Resolve(path);
        var info = new FileInfo(full);
        if (Directory.Exists(full)) throw ToolArguments.Wrong($"'{path}' is a folder; name a file in it.");
        if (!info.Exists) throw NotFound(path);
        // Pipes, devices and kernel files report no length. They are not opened at all: opening a pipe would block.
        if (info.Length == 0) return [];
        if (info.Length > _options.MaxFileBytes) throw TooLarge(path, info.Length);
        BeforeOpen?.Invoke(full);
        try
        {
            using var stream = new FileStream(full, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
            if (!IsInside(OpenedPath(stream, full))) throw Outside(path);
            if (stream.Length > _options.MaxFileBytes) throw TooLarge(path, stream.Length);
            var bytes = new byte[stream.Length];
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return read == bytes.Length ? bytes : bytes[..read];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw ToolArguments.Wrong($"'{path}' cannot be read: {Reason(exception)}", exception);
        }
    }

    /// <exception cref="ToolException">As <see cref="Read"/>, or the file is binary.</exception>
    public DecodedText ReadText(string path) =>
        TextDecoder.TryDecode(Read(path)) ?? throw ToolArguments.Wrong($"'{path}' is a binary file; only text can be read.");

    /// <summary>Regular files below a folder in ordinal order of their paths. Links are not followed, hidden files and folders left out.</summary>
    /// <param name="truncated">True when there are more than the limit.</param>
    public IReadOnlyList<ScopedFile> List(string folder, string? pattern, out bool truncated)
    {
        var start = folder is "" or "." or "/" ? _root : Resolve(folder);
        if (File.Exists(start)) throw ToolArguments.Wrong($"'{folder}' is a file; name a folder.");
        if (!Directory.Exists(start)) throw NotFound(folder);
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 32,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden | FileAttributes.System,
        };
        // Sorted after the walk, bounded during it: a walk through a million files must end.
        var found = new DirectoryInfo(start).EnumerateFiles("*", options).Take(_options.MaxEntries * 10)
            .Select(file => new ScopedFile(Relative(file.FullName), file.Length))
            .Where(file => pattern is null || Matches(pattern, file.Path))
            .OrderBy(file => file.Path, StringComparer.Ordinal)
            .ToList();
        if (!IsInside(RealPath(start))) throw Outside(folder);
        truncated = found.Count > _options.MaxEntries;
        return truncated ? found[.._options.MaxEntries] : found;
    }

    /// <summary>The real path of what was asked for, which is inside the root.</summary>
    private string Resolve(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal)) throw ToolArguments.Wrong("A path is needed, relative to the files root.");
        if (Path.IsPathRooted(path) || path.StartsWith('~') || path.Split('/', '\\').Contains(".."))
            throw ToolArguments.Wrong($"'{path}' is refused: paths are relative to the files root and do not contain '..'.");
        try
        {
            var real = RealPath(Path.Combine(_root, path));
            return IsInside(real) ? real : throw Outside(path);
        }
        catch (IOException exception)
        {
            throw ToolArguments.Wrong($"'{path}' cannot be resolved: {Reason(exception)}", exception);
        }
    }

    /// <summary>Follows links in every part of a path. Parts that do not exist stay as they are.</summary>
    private static string RealPath(string path)
    {
        var root = Path.GetPathRoot(path)!;
        var current = root;
        var waiting = new Stack<string>(path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse());
        var links = 0;
        while (waiting.TryPop(out var part))
        {
            if (part == ".") continue;
            if (part == "..")
            {
                current = Path.GetDirectoryName(current) ?? root;
                continue;
            }

            var next = Path.Combine(current, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }

            if (++links > 40) throw new IOException("Too many levels of symbolic links.");
            if (Path.IsPathRooted(target)) current = Path.GetPathRoot(target)!;
            foreach (var piece in target.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse()) waiting.Push(piece);
        }

        return current;
    }

    /// <summary>Where the open handle really points: what the kernel says on Linux, the path's parts elsewhere.</summary>
    private static string OpenedPath(FileStream stream, string path) =>
        OperatingSystem.IsLinux()
            ? new FileInfo($"/proc/self/fd/{stream.SafeFileHandle.DangerousGetHandle()}").LinkTarget ?? ""
            : RealPath(path);

    private bool IsInside(string real) =>
        real.Length > _root.Length && real.StartsWith(_root, StringComparison.Ordinal) && real[_root.Length] == Path.DirectorySeparatorChar || real == _root;

    private string Relative(string full) => Path.GetRelativePath(_root, full).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>A pattern without a slash is for the name, one with a slash for the whole path.</summary>
    private static bool Matches(string pattern, string path) =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, pattern.Contains('/', StringComparison.Ordinal) ? path : path[(path.LastIndexOf('/') + 1)..]);

    private ToolException TooLarge(string path, long bytes) =>
        ToolArguments.Wrong($"'{path}' has {bytes} bytes; at most {_options.MaxFileBytes} are read.");

    private static ToolException NotFound(string path) => ToolArguments.Wrong($"'{path}' does not exist below the files root; files.list shows what does.");

    private static ToolException Outside(string path) => ToolArguments.Wrong($"'{path}' is refused: it leads outside the files root.");

    /// <summary>Without the path, which would tell an agent where the root lies.</summary>
    private static string Reason(Exception exception) => exception is UnauthorizedAccessException ? "permission denied." : "the file system refused.";
}
