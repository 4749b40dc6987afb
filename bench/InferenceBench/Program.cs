using AgentMesh.Inference.LlamaCpp;
using AgentMesh.InferenceBench;
using AgentMesh.TinyModels;

// Our engine beside llama-batched-bench and llama-server over the same libraries and model. Settings: see `bench/run-inference --help`.
var settings = BenchSettings.Parse(args);
var path = Path.Combine(settings.Tools, $"{settings.Shape.Name}-{settings.Weights}.gguf".ToLowerInvariant());
if (!File.Exists(path))
{
    TinyModel.Save(path + ".part", settings.Shape, settings.Weights);
    File.Move(path + ".part", path);
}

try
{
    var weights = new ModelBuffers();
    var library = LlamaLibrary.Load(log: weights);
    var device = library.Devices.FirstOrDefault(d => d.Name == settings.Device) ?? library.Devices[0];
    Console.WriteLine($"{settings.Shape.Name}, {settings.Weights}, {new FileInfo(path).Length / 1e6:0} MB on {device.Name} ({device.Description}), {settings.Threads} threads, the better of {settings.Rounds} rounds each, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}, llama.cpp {library.Version}");
    // First: what comes later leaves its own marks in this process.
    if (settings.Wants("memory")) await Memory.Run(library, path, weights, settings);
    using var model = LlamaModel.Load(library, path, new LlamaModelOptions(device.Name, Trusted: true));
    if (settings.Wants("decode")) await Decode.Run(model, path, settings);
    if (settings.Wants("chat")) await Chat.Run(model, path, settings);
    if (settings.Wants("agents")) await Agents.Run(model, path, settings);
    if (settings.Wants("schema")) await Schema.Run(model, path, settings);
    if (settings.Wants("tenants")) await Tenants.Run(model, settings);
    return 0;
}
catch (Exception e) when (e is InvalidOperationException or LlamaException or HttpRequestException or IOException)
{
    Console.Error.WriteLine($"This could not be measured: {e.Message}");
    return 1;
}
