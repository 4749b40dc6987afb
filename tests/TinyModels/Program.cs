using System.Diagnostics;
using AgentMesh.TinyModels;

if (args is not [var name, var path, ..] || ModelShape.All.FirstOrDefault(s => s.Name == name) is not { } shape
    || !Enum.TryParse<TensorType>(args.ElementAtOrDefault(2) ?? "Q4_0", ignoreCase: true, out var weights)
    || !int.TryParse(args.ElementAtOrDefault(3) ?? "1", out var seed))
{
    Console.Error.WriteLine($"Usage: TinyModels <shape> <file.gguf> [F32|F16|Q8_0|Q4_0] [seed]; shapes: {string.Join(", ", ModelShape.All.Select(s => s.Name))}");
    return 2;
}

var time = Stopwatch.StartNew();
TinyModel.Save(path, shape, weights, seed);
Console.WriteLine($"{path}: {shape.Name} {weights}, {new FileInfo(path).Length / 1e6:0.0} MB in {time.Elapsed.TotalSeconds:0.0} s");
return 0;
