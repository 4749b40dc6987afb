using AgentMesh.Contracts;
using AgentMesh.Samples.TicketService.Tests;

namespace AgentMesh.Samples;

/// <summary>A host that ends while the ticket service works on its request, and the one that takes the goal over.</summary>
public sealed class InFlightTests(PostgresServer server)
{
    /// <summary>More than a step has attempts: each of them was once spent on such an answer.</summary>
    private const int Refusals = 4;

    [Fact]
    public async Task A_ticket_that_is_still_in_flight_after_a_takeover_is_waited_for()
    {
        var hold = new ManualTime();
        await using var desk = await TicketDesk.Start(TimeSpan.FromMinutes(1), hold);
        await using var mesh = await Mesh.Open(server, new Dictionary<string, string>(StringComparer.Ordinal) { ["AGENTMESH_TICKETS_URL"] = desk.Url });
        var goal = await mesh.Submit(new Goal("Answer this customer") { Attach = [SampleFiles.Path("support/emails/dev/01-two-lines-on-statement.eml")], Playbook = "support" });
        await hold.TimerStarted.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        await mesh.Restart();
        while (desk.ReadLog().Count(line => line.Text("reason") == "key in flight") < Refusals)
        {
            Assert.Null((await mesh.Goals.Get(goal, TestContext.Current.CancellationToken)).EndedAt);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }

        hold.Fire();
        var view = await mesh.Wait(goal);
        Assert.Equal(GoalStatus.Completed, view.Status);
        var journal = await mesh.Journal(goal);
        Assert.Empty(journal.OfType<QuestionAsked>());
        Assert.Empty(journal.OfType<StepFailed>());
        Assert.Equal(2, journal.OfType<ToolClaimed>().Count());
        var created = Assert.Single(desk.ReadLog(), line => line.Text("outcome") == "created");
        Assert.Equal(created.GetProperty("ticket").Text("id"), (await mesh.Value(view, "ticket")).Text("id"));
    }
}
