using System.Globalization;
using AgentMesh.GrainInterfaces.Security;

namespace AgentMesh.Grains.Security;

/// <summary>
/// The keys that clients may show, from a file with one a line; lines that begin with # are comments. A key is written as it is, of at least 24
/// characters without blanks, or as <c>sha256:</c> and the hexadecimal SHA-256 of its SHA-256. The file is read again for each connection, and
/// connections whose key is gone are closed within half a minute.
/// </summary>
public sealed class ClientKeys
{
    private const string Setting = "AGENTMESH_CLIENT_KEYS";
    private const string Hashed = "sha256:";
    private const int LeastLength = 24;
    private readonly string file;
    private IReadOnlyList<byte[]> known;

    /// <exception cref="FormatException">The file cannot be read, has no key, or has a line that is none.</exception>
    public ClientKeys(string file)
    {
        this.file = file;
        known = Load();
        if (known.Count == 0) throw new FormatException($"{Setting}: {file} has no key, so that no client could connect. Add one, or remove the setting.");
    }

    /// <summary>What cannot be used of the file since it changed; null when all can. The keys before stay in use.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What is kept of each key, as the file is now.</summary>
    internal IReadOnlyList<byte[]> Now
    {
        get
        {
            try
            {
                known = Load();
                Trouble = null;
            }
            catch (FormatException e)
            {
                Trouble = e.Message;
            }

            return known;
        }
    }

    private List<byte[]> Load()
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{Setting}: {file} cannot be read: {e.Message}", e);
        }

        return [.. lines.Select((text, i) => (Text: text.Trim(), Line: i + 1)).Where(l => l.Text.Length > 0 && l.Text[0] != '#').Select(l => Stored(l.Text, l.Line))];
    }

    // What the line holds is not in the message: it may be a key with a slip.
    private byte[] Stored(string text, int line)
    {
        if (!text.StartsWith(Hashed, StringComparison.Ordinal))
        {
            return text.Length >= LeastLength && !text.Any(char.IsWhiteSpace) ? ClientProof.Stored(text) : throw Wrong();
        }

        try
        {
            return Convert.FromHexString(text.AsSpan(Hashed.Length)) is { Length: 32 } hash ? hash : throw Wrong();
        }
        catch (FormatException)
        {
            throw Wrong();
        }

        FormatException Wrong() => new(string.Create(
            CultureInfo.InvariantCulture,
            $"{Setting}: line {line} of {file} is no key: it takes at least {LeastLength} characters without blanks, or {Hashed} and 64 hexadecimal digits."));
    }
}
