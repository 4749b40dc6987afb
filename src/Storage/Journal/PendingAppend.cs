using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Storage.Journal;

/// <summary>One append on its way: encoded by its caller, completed by the lane that wrote it.</summary>
internal sealed class PendingAppend(JournalAppend append)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GoalId Goal => append.Goal;
    public string Writer => append.Writer;
    public long Expected => append.Expected;
    public long First => append.Expected + 1;
    public long Last => append.Expected + append.Entries.Count;
    public GoalSummary? Summary => append.Summary;
    public byte[] Entries { get; } = JournalCodec.Write(append.Entries);

    /// <summary>The caller stopped waiting. What was not sent yet is not sent any more; what was, may still be written.</summary>
    public bool Abandoned { get; set; }
    public Task Task => _done.Task;

    public void Complete() => _done.TrySetResult();
    public void Fail(Exception why) => _done.TrySetException(why);
}
