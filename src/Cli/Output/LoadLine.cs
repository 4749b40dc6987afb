using System.Globalization;
using AgentMesh.Inference.InProcess;

namespace AgentMesh.Cli.Output;

/// <summary>How far the loading of a model is, on stderr.</summary>
internal sealed class LoadLine(Terminal terminal) : IDisposable
{
    private readonly ProgressLine line = new(terminal);

    public void Show(ModelLoading step)
    {
        switch (step)
        {
            case ModelLoading.Began began:
                line.Say($"loading {began.Model} ({PullLine.Size(began.Bytes)})…");
                break;
            case ModelLoading.Moved moved:
                line.Renew(() => string.Create(CultureInfo.InvariantCulture, $"{100 * moved.Share:0} %"), moved.Share >= 1);
                break;
            case ModelLoading.Done done:
                line.Say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{done.Model}: {done.Description} on {done.Device}{(done.Cells > 0 ? $", {done.Cells} tokens of context" : "")}, loaded in {done.Took.TotalSeconds:0.0} s"));
                break;
        }
    }

    public void Dispose() => line.Close();
}
