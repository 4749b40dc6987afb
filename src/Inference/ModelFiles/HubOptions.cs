namespace AgentMesh.Inference.ModelFiles;

/// <summary>Where model files come from and where they are kept: the variables of Hugging Face's own tools, so that files are shared with them.</summary>
public sealed record HubOptions
{
    /// <summary><c>HF_HUB_CACHE</c>, or <c>$HF_HOME/hub</c>, or <c>$XDG_CACHE_HOME/huggingface/hub</c>, or <c>~/.cache/huggingface/hub</c>.</summary>
    public required string CacheFolder { get; init; }

    /// <summary><c>HF_ENDPOINT</c>: a mirror, with or without a path; ends with a slash. Default: <c>https://huggingface.co/</c>.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co/");

    /// <summary>
    /// <c>HF_TOKEN</c>, or the text of the file <c>HF_TOKEN_PATH</c> (default <c>$HF_HOME/token</c>). Sent to <see cref="Endpoint"/>'s own host only,
    /// and only encrypted or within this machine. <c>HF_HUB_DISABLE_IMPLICIT_TOKEN</c> leaves it out.
    /// </summary>
    public string? Token { get; init; }

    /// <summary><c>HF_HUB_OFFLINE</c>: only what is in the cache; no request is made.</summary>
    public bool Offline { get; init; }

    /// <summary>Whether the token may go to <see cref="Endpoint"/>.</summary>
    internal bool SendsToken => Token is not null && (Endpoint.Scheme == Uri.UriSchemeHttps || Endpoint.IsLoopback);

    /// <exception cref="ModelFileException">A value makes no sense.</exception>
    public static HubOptions FromEnvironment(Func<string, string?> variable)
    {
        string? Text(string name) => variable(name)?.Trim() is { Length: > 0 } text ? text : null;
        string Folder(string path) => Path.GetFullPath(path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? UserFolder(variable) + path[1..] : path);

        var home = Folder(Text("HF_HOME") ?? Path.Combine(Text("XDG_CACHE_HOME") ?? Path.Combine(UserFolder(variable), ".cache"), "huggingface"));
        return new HubOptions
        {
            CacheFolder = Folder(Text("HF_HUB_CACHE") ?? Text("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Endpoint = Text("HF_ENDPOINT") is { } endpoint ? Address(endpoint) : new Uri("https://huggingface.co/"),
            Token = IsTrue(Text("HF_HUB_DISABLE_IMPLICIT_TOKEN")) ? null : ReadToken(Text("HF_TOKEN"), Folder(Text("HF_TOKEN_PATH") ?? Path.Combine(home, "token"))),
            Offline = IsTrue(Text("HF_HUB_OFFLINE")),
        };
    }

    /// <summary>Leaves the token out: options end up in logs and in failure messages of tests.</summary>
    public override string ToString() => $"{Endpoint}, cache {CacheFolder}, token {(Token is null ? "not set" : "set")}{(Offline ? ", offline" : "")}";

    private static string UserFolder(Func<string, string?> variable) =>
        variable("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static bool IsTrue(string? text) => text?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private static Uri Address(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            throw ModelFileException.Asked("HF_ENDPOINT is no http or https address: use one like https://huggingface.co.");
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            throw ModelFileException.Asked("HF_ENDPOINT holds a user, a query or a fragment: give the address alone, and a token in HF_TOKEN.");
        return new UriBuilder(url) { Path = url.AbsolutePath.TrimEnd('/') + "/" }.Uri;
    }

    private static string? ReadToken(string? given, string file)
    {
        var token = given ?? (File.Exists(file) ? File.ReadAllText(file).Trim() : "");
        if (token.Length == 0) return null;
        return token.All(c => c is > ' ' and < (char)127) ? token
            : throw ModelFileException.Asked("The Hugging Face token (HF_TOKEN or the file HF_TOKEN_PATH) contains a space, a line break or a character outside ASCII: paste the token alone.");
    }
}
