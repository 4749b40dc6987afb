namespace AgentMesh.Gateway.Dashboard;

/// <summary>Where the dashboard's built files are.</summary>
/// <param name="given">The only folder to look in; null looks in <c>dashboard</c> beside the program, as in the image, then in the checkout that holds it.</param>
internal sealed class DashboardFolder(string? given)
{
    private string? found;

    /// <summary>Null while nothing was built. Looked for anew until it is there, so that it can be built beside a running server.</summary>
    public string? Find() => found ??= Candidates().FirstOrDefault(folder => File.Exists(Path.Combine(folder, "index.html")));

    private IEnumerable<string> Candidates()
    {
        if (given is not null) return [Path.GetFullPath(given)];
        return Above(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, "src", "Dashboard", "dist")).Prepend(Path.Combine(AppContext.BaseDirectory, "dashboard"));
    }

    private static IEnumerable<string> Above(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent) yield return folder.FullName;
    }
}
