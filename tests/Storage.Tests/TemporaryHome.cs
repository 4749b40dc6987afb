namespace AgentMesh.Storage.Tests;

/// <summary>A folder that only we may enter, as <c>mktemp -d</c> makes it.</summary>
internal sealed class TemporaryHome : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("am-").FullName;

    public string Home => Path.Combine(_folder, "home");

    public StorageOptions Options => new() { Home = Home };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
