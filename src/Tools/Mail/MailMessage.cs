namespace AgentMesh.Tools.Mail;

/// <param name="Name">Empty when only an address was written.</param>
public sealed record MailAddress(string Name, string Address)
{
    public override string ToString() => Name.Length == 0 ? Address : Address.Length == 0 ? Name : $"{Name} <{Address}>";
}

/// <param name="Bytes">Decoded size.</param>
public sealed record MailAttachment(string Name, string MediaType, int Bytes);

/// <summary>An email as its reader sees it; also the value of an <c>email</c> artifact.</summary>
/// <param name="Date">ISO 8601 with the sender's offset; null when the header is missing or odd.</param>
/// <param name="Text">The newest message as plain text, its signature included: names and account numbers often stand only there.</param>
/// <param name="Quoted">The older thread below or between; null if there is none.</param>
public sealed record MailMessage(
    MailAddress From, IReadOnlyList<string> To, string Subject, string? Date, string Text, string? Quoted, IReadOnlyList<MailAttachment> Attachments)
{
    /// <summary>Where the signature begins in <see cref="Text"/>; null if none was recognised.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int? SignatureStart { get; init; }

    /// <summary>What was malformed and how it was read all the same.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
