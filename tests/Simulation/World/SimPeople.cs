using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime;

namespace AgentMesh.Simulation;

/// <summary>People who see what is asked, answer sooner or later, sometimes twice or otherwise, and now and then say something unasked.</summary>
internal sealed class SimPeople(SimWorld world)
{
    private bool isLooking;

    /// <summary>The goal was accepted: people may speak to it from now on.</summary>
    public void Begin()
    {
        for (var i = 0; i < world.Profile.Messages; i++)
            world.Clock.After(world.Random.Within(TimeSpan.FromSeconds(20)), () => Send(new MessageReceived("ann", "There is more to know.")));
        if (world.Profile.Cancels)
            world.Clock.After(world.Random.Within(TimeSpan.FromSeconds(20)), () => Send(new CancelRequested("ann", "Not needed.")));
    }

    public void OnChange()
    {
        if (isLooking || world.Checks.Truth is not { Ended: null } state || !state.Requests.Any(r => r.IsOpen)) return;
        isLooking = true;
        var patience = world.IsChaotic && world.Profile.SlowPeople ? TimeSpan.FromDays(3) : TimeSpan.FromSeconds(10);
        world.Clock.After(world.Random.Within(patience), Look);
    }

    private void Look()
    {
        isLooking = false;
        if (world.Checks.Truth is not { Ended: null } state) return;
        foreach (var request in state.Requests)
        {
            if (request.IsOpen && !world.Fault(0.2)) Decide(request);
            else if (request.Approval is not null && world.Fault(0.05)) Decide(request);
        }

        OnChange();
    }

    private void Decide(PersonRequest request)
    {
        GoalEvent decision = request.Approval is { } approval ? Verdict(approval) : Answer(request.Question!);
        Send(decision);
        if (world.Fault(0.1)) world.Clock.After(world.Random.Within(TimeSpan.FromSeconds(5)), () => Send(decision));
    }

    private ApprovalDecided Verdict(ApprovalRequested approval) => world.Random.Next(10) switch
    {
        0 or 1 => new ApprovalDecided(approval.Request, ApprovalVerdict.Rejected, "ann", "Better not."),
        2 => new ApprovalDecided(approval.Request, ApprovalVerdict.Edited, "ann", null, SimJson.Arguments("edited", "by ann")),
        3 => new ApprovalDecided(approval.Request, ApprovalVerdict.Edited, "ann", null, MeshJson.Parse("""{"value":"no action"}""")),
        _ => new ApprovalDecided(approval.Request, ApprovalVerdict.Approved, "ann"),
    };

    // About an effect people say what they see; what they did not see is stopped for good.
    private QuestionAnswered Answer(QuestionAsked question) => new(
        question.Request, "ann",
        question.Call is { } call ? Seen(question, world.Service.Happened($"{SimWorld.Goal}/{call}"))
        : question.Choices.Count > 0 ? question.Choices[world.Random.Next(question.Choices.Count)] : $"answer {world.Random.Next(100)}");

    private string Seen(QuestionAsked question, bool happened) => !happened ? EffectLedger.DidNotHappen
        : question.Choices.Count > 0 ? EffectLedger.Happened
        : world.Fault(0.2) ? "I did see it." : SimJson.Done.GetRawText();

    private async void Send(GoalEvent e)
    {
        if (world.Host is not { } host) return;
        world.Note($"people: {Compact.Of(e)}");
        try
        {
            await host.Post(SimWorld.Goal, [e]);
        }
        catch (Exception error) when (error is StaleWriterException or JournalUnavailableException)
        {
            world.Note($"people were not heard: {error.Message}");
        }

        OnChange();
    }
}
