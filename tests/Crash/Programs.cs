using System.Diagnostics;

namespace AgentMesh.Crash;

/// <summary>Starts the programs of this checkout, in the configuration that the tests were built in.</summary>
internal static class Programs
{
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string Root { get; } = FindRoot();

    /// <summary>The program of a project, whether it was built or not.</summary>
    public static string Of(string project) => Path.Combine(Root, project, "bin", Configuration, "net10.0", $"AgentMesh.{Path.GetFileName(project)}.dll");

    /// <param name="within">A command that ends by running the one after it, as <c>ip netns exec</c> does; none for no such.</param>
    public static Process Start(string project, IEnumerable<string> args, IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> within)
    {
        var program = Of(project);
        string[] command = [.. within, "dotnet"];
        var start = new ProcessStartInfo(command[0]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        foreach (var word in command.Skip(1)) start.ArgumentList.Add(word);
        start.ArgumentList.Add(program);
        foreach (var arg in args) start.ArgumentList.Add(arg);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AgentMesh.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside a checkout.");
    }
}
