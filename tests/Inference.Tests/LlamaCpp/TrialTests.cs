using AgentMesh.Inference.Gguf;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Tests.Gguf;
using AgentMesh.TinyModels;
using static AgentMesh.Inference.Tests.LlamaCpp.Models;

namespace AgentMesh.Inference.Tests.LlamaCpp;

/// <summary>Files that are well formed and still hostile: it is a child process that meets them first.</summary>
public sealed class TrialTests
{
    [Fact]
    public void A_file_that_would_end_the_process_is_refused()
    {
        using var file = new TemporaryFile();
        // llama.cpp aborts on a model of no layers.
        TinyModel.Writer(Smallest with { Layers = 0 }, TensorType.F32, 1).Save(file.Path, 1);
        var error = Assert.Throws<LlamaException>(() => new ModelTrial(cache: null).Check(Library, GgufFile.Read(file.Path), TestContext.Current.CancellationToken));
        Assert.Contains("damaged or hostile", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_good_file_is_tried_once_until_it_changes()
    {
        using var file = new TemporaryFile();
        TinyModel.Save(file.Path, Smallest);
        var cache = Directory.CreateTempSubdirectory("agentmesh-").FullName;
        try
        {
            var trial = new ModelTrial(cache);
            for (var i = 0; i < 3; i++) trial.Check(Library, GgufFile.Read(file.Path), TestContext.Current.CancellationToken);
            Assert.Equal(1, trial.Started);
            var later = new ModelTrial(cache);
            later.Check(Library, GgufFile.Read(file.Path), TestContext.Current.CancellationToken);
            Assert.Equal(0, later.Started);
            File.SetLastWriteTimeUtc(file.Path, DateTime.UnixEpoch);
            later.Check(Library, GgufFile.Read(file.Path), TestContext.Current.CancellationToken);
            Assert.Equal(1, later.Started);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    [Fact]
    public void A_trial_that_does_not_end_is_ended()
    {
        using var file = new TemporaryFile();
        TinyModel.Save(file.Path, Smallest);
        var error = Assert.Throws<LlamaException>(() => ModelTrial.Run([Library.Folder, file.Path], TimeSpan.Zero, TestContext.Current.CancellationToken));
        Assert.Contains("did not come to an end", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Each of these passes the first gate or not; none of them may end more than a child. AGENTMESH_FUZZ tries as many as it says.</summary>
    [Fact]
    public void Damaged_files_end_in_errors()
    {
        var library = Library;
        var folder = Directory.CreateTempSubdirectory("agentmesh-").FullName;
        try
        {
            var good = Path.Combine(folder, "good.gguf");
            TinyModel.Save(good, Smallest, TensorType.Q8_0);
            var bytes = File.ReadAllBytes(good);
            var random = new Random(11);
            var passed = new List<string>();
            var count = int.TryParse(Environment.GetEnvironmentVariable("AGENTMESH_FUZZ"), out var asked) ? asked : 40;
            for (var i = 0; i < count; i++)
            {
                var path = Path.Combine(folder, $"{i}.gguf");
                File.WriteAllBytes(path, Damage.Of(bytes, random));
                if (PassesFirstGate(path)) passed.Add(path);
                else File.Delete(path);
            }

            Assert.NotEmpty(passed);
            var (fine, refused, broke) = Try(library, passed);
            TestContext.Current.SendDiagnosticMessage($"{count} files: {count - passed.Count} refused by the first gate, {refused} by the library, {broke} broke the child, {fine} could be used");
            Assert.Equal(passed.Count, fine + refused + broke);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool PassesFirstGate(string path)
    {
        try
        {
            GgufFile.Read(path);
            return true;
        }
        catch (GgufException)
        {
            return false;
        }
    }

    /// <summary>One child takes many files; the next goes on after the one that broke it.</summary>
    private static (int Fine, int Refused, int Broke) Try(LlamaLibrary library, IReadOnlyList<string> files)
    {
        var (fine, refused, broke) = (0, 0, 0);
        for (var next = 0; next < files.Count;)
        {
            var (code, lines) = ModelTrial.Run([library.Folder, .. files.Skip(next).Take(100)], TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
            fine += lines.Count(l => l.Length == 0);
            refused += lines.Count(l => l.Length > 0);
            next += lines.Count;
            if (code is 0 or ModelProbe.Refused) continue;
            broke++;
            next++;
        }

        return (fine, refused, broke);
    }
}
