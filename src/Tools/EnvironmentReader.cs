namespace AgentMesh.Tools;

/// <summary>Reads variables and collects what is wrong with them, so that a person sees all mistakes at once.</summary>
internal sealed class EnvironmentReader(Func<string, string?> get)
{
    private readonly List<string> _errors = [];

    /// <summary>Null when the variable is not set or blank.</summary>
    public string? Text(string name) => get(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    public string? Required(string name, string because)
    {
        var value = Text(name);
        if (value is null) Bad(name, $"It must be set, because {because} is.");
        return value;
    }

    public Uri? Url(string name)
    {
        if (Text(name) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0) return uri;
        Bad(name, "The value is no address; write it whole, like https://host/path, without a user name.");
        return null;
    }

    /// <summary>Null when <paramref name="parse"/> throws a <see cref="FormatException"/>, which is noted.</summary>
    public T? Parsed<T>(string name, string defaultText, Func<string, T> parse) where T : class
    {
        try
        {
            return parse(Text(name) ?? defaultText);
        }
        catch (FormatException exception)
        {
            Bad(name, exception.Message);
            return null;
        }
    }

    public void Bad(string name, string reason) => _errors.Add($"{name}: {reason}");

    public void ThrowIfBad()
    {
        if (_errors.Count > 0) throw new ToolsConfigurationException(_errors);
    }
}
