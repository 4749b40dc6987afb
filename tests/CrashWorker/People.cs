using AgentMesh.Contracts;

namespace AgentMesh.CrashWorker;

/// <summary>The people whom goals ask: they approve every call and answer every question.</summary>
internal sealed class People(IMesh mesh)
{
    public async Task SeeThrough(GoalId goal)
    {
        while (await mesh.Wait(goal) is { Status: GoalStatus.Waiting } view)
        {
            foreach (var approval in view.OpenApprovals)
                await mesh.Decide(goal, new ApprovalDecided(approval.Request, ApprovalVerdict.Approved, "tester"));
            foreach (var question in view.OpenQuestions)
                await mesh.Answer(goal, new QuestionAnswered(question.Request, "tester", question.Choices.Count > 0 ? question.Choices[0] : "Go on."));
        }
    }
}
