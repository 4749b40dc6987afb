using AgentMesh.Contracts;

namespace AgentMesh.Orchestration.Tests.Planning;

public sealed class GoalTextTests
{
    private static readonly MeshCatalogue Mesh = MeshCatalogue.Empty with
    {
        Kinds = new[] { Kind("ticket", "ticket"), Kind("issue", "jira", "jira ticket"), Kind("reply", "reply", "respond") }.ToDictionary(k => k.Name, StringComparer.Ordinal),
    };

    private static ArtifactKind Kind(string name, params IReadOnlyList<string> words) => new(name, name, MeshJson.Parse("{}")) { Words = words };

    [Theory]
    [InlineData("Please reply and open a ticket", "reply,ticket", "")]
    [InlineData("Open a ticket, then reply", "ticket,reply", "")]
    [InlineData("Open a Jira ticket", "issue", "")]
    [InlineData("TICKETS and replies!", "ticket,reply", "")]
    [InlineData("Draft a reply but don't open a ticket", "reply", "ticket")]
    [InlineData("Don’t open a ticket, just reply", "reply", "ticket")]
    [InlineData("Reply without a ticket", "reply", "ticket")]
    [InlineData("No ticket. Or rather: a ticket.", "ticket", "")]
    [InlineData("ticketing replying", "", "")]
    [InlineData("", "", "")]
    public void A_text_asks_and_refuses(string text, string asked, string refused)
    {
        var kinds = new GoalText(text).Kinds(Mesh);
        Assert.Equal(asked, string.Join(',', kinds.Asked));
        Assert.Equal(refused, string.Join(',', kinds.Refused));
    }

    [Theory]
    [InlineData("the support email of today", "support email", true)]
    [InlineData("Support E-mails", "support e-mail", true)]
    [InlineData("support or email", "support email", false)]
    [InlineData("no support email", "support email", false)]
    [InlineData("anything", "", false)]
    public void A_phrase_is_found_word_by_word(string text, string phrase, bool found) => Assert.Equal(found, new GoalText(text).Has(phrase));

    [Theory]
    [InlineData("clasifier", "classifier")]
    [InlineData("ticket.craete", "ticket.create")]
    [InlineData("Reply", "reply")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void A_slip_is_recognised(string name, string? meant) =>
        Assert.Equal(meant, Spelling.Closest(name, ["classifier", "ticket.create", "reply", "retriever", "clerk"]));
}
