using System.Diagnostics;
using System.Text;

namespace AgentMesh.Deploy;

/// <summary>The two programs that the tests lean on: a render in Go, and Kubernetes' schemas in Node. Where their parts are missing the test is skipped.</summary>
internal static class Programs
{
    private const string GoPath = "/usr/share/gocode";
    private const string WithoutGo = "The chart is rendered with Go and sprig; on Debian install them with: apt-get install golang-go golang-github-masterminds-sprig-dev golang-k8s-sigs-yaml-dev golang-github-xeipuuv-gojsonschema-dev";
    private const string WithoutSchemas = "Kubernetes' schemas come from npm; fetch them with: npm ci --prefix tests/Deploy/schemas";

    private static readonly string[] GoLibraries = ["github.com/Masterminds/sprig", "sigs.k8s.io/yaml", "github.com/xeipuuv/gojsonschema"];
    private static readonly Lazy<Task<string>> Renderer = new(Build);

    /// <summary>Gives the render program a request and returns its answer; skips the test without Go or its libraries.</summary>
    public static async Task<string> Render(string request)
    {
        if (Find("go") is null || !GoLibraries.All(l => Directory.Exists(Path.Combine(GoPath, "src", l)))) Assert.Skip(WithoutGo);
        return await Run(await Renderer.Value, [], request);
    }

    /// <summary>Checks lists of objects (a JSON array of arrays) against Kubernetes' schemas, and returns each list's mistakes; skips the test without them.</summary>
    public static async Task<string> Check(string objects)
    {
        var folder = Repository.In("tests", "Deploy", "schemas");
        var node = Find("node");
        if (node is null || !Directory.Exists(Path.Combine(folder, "node_modules", "kubernetes-models"))) Assert.Skip(WithoutSchemas);
        return await Run(node, [Path.Combine(folder, "check.mjs")], objects);
    }

    private static async Task<string> Build()
    {
        var folder = Directory.CreateTempSubdirectory("agentmesh-render-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var program = Path.Combine(folder, "render");
        await Run(Find("go")!, ["build", "-o", program, "."], "", Repository.In("tests", "Deploy", "render"), new()
        {
            ["GO111MODULE"] = "off",
            ["GOFLAGS"] = "",
            ["GOPATH"] = GoPath,
            ["GOTOOLCHAIN"] = "local",
            ["CGO_ENABLED"] = "0",
            ["GOCACHE"] = Path.Combine(folder, "cache"),
        });
        return program;
    }

    private static async Task<string> Run(string program, string[] arguments, string input, string? folder = null, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            WorkingDirectory = folder ?? Repository.Root,
        };
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {await errors}");
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(p => Path.Combine(p, program)).FirstOrDefault(File.Exists);
}
