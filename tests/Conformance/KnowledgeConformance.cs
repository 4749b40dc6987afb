using AgentMesh.Agents;

namespace AgentMesh.Conformance;

public sealed class PostgresKnowledgeTests(PostgresServer server) : KnowledgeConformance
{
    protected override async Task<IKnowledge> Open() => Keep(await server.NewStore()).Knowledge;
}

/// <summary>What every knowledge must do.</summary>
public abstract class KnowledgeConformance : StoreTests
{
    private const string Refunds = """
        # Refunds

        A refund goes back to the card that paid. It takes five working days.

        ## When we refund

        We refund a yearly plan within 14 days of the purchase, also when it was used. Later refunds need a reason. Ask the billing team, who decide within two days and write to the owner of the account.

        ## When we do not

        A monthly plan is never refunded for a month that began. You can cancel it at any time; it then runs to the end of the month that you paid for and is not renewed after it.
        """;

    private const string Passwords = """
        # Reset a password

        Press "Forgot password" on the sign-in page. The mail with the link arrives within a minute; look into the spam folder as well. The link works once and for one hour.
        """;

    protected abstract Task<IKnowledge> Open();

    [Fact]
    public async Task The_passage_that_answers_is_found_with_its_place_in_the_document()
    {
        var knowledge = await Filled();
        var best = (await knowledge.Search("t", [], "How do I get my money refunded for a yearly plan?", 2, Ct))[0];
        Assert.Equal(("billing", "refunds.md", "Refunds"), (best.Collection, best.Document, best.Title));
        Assert.Contains("within 14 days", best.Text, StringComparison.Ordinal);
        Assert.Equal(best.Text, Refunds[best.Start..best.End]);
        Assert.True(best.Score > 0);
    }

    [Theory]
    [InlineData("resetting passwords", "password.md")]
    [InlineData("REFUND", "refunds.md")]
    [InlineData("i forgot my pasword, the mail with the link never arrives!!!", "password.md")]
    public async Task Words_match_whatever_their_form(string query, string document)
    {
        var knowledge = await Filled();
        Assert.Equal(document, (await knowledge.Search("t", [], query, 1, Ct))[0].Document);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("the of and")]
    [InlineData("zebra xylophone")]
    [InlineData("' & | ! :* <-> \\ ( \0 \ud800")]
    public async Task Nothing_found_is_an_empty_list(string query)
    {
        var knowledge = await Filled();
        Assert.Empty(await knowledge.Search("t", [], query, 2, Ct));
    }

    [Fact]
    public async Task Tenants_and_collections_are_kept_apart()
    {
        var knowledge = await Filled();
        await knowledge.Add(new("other", "billing", "secret.md", "# Refund\n\nOur refund secrets."), Ct);
        Assert.DoesNotContain(await knowledge.Search("t", [], "refund secrets", 9, Ct), p => p.Document == "secret.md");
        Assert.Empty(await knowledge.Search("t", ["account"], "refund", 9, Ct));
        Assert.NotEmpty(await knowledge.Search("t", ["account", "billing"], "refund", 9, Ct));
        Assert.Equal(["secret.md"], (await knowledge.List("other", null, Ct)).Select(e => e.Name));
        Assert.Equal(["password.md"], (await knowledge.List("t", "account", Ct)).Select(e => e.Name));
    }

    [Fact]
    public async Task Adding_a_document_again_replaces_it()
    {
        var knowledge = await Filled();
        await knowledge.Add(new("t", "billing", "refunds.md", "# Money back\n\nAsk the penguin."), Ct);
        Assert.Empty(await knowledge.Search("t", [], "yearly plan", 2, Ct));
        Assert.Equal("Ask the penguin.", Assert.Single(await knowledge.Search("t", [], "penguin", 2, Ct)).Text[^16..]);
        var entry = Assert.Single(await knowledge.List("t", "billing", Ct));
        Assert.Equal(("refunds.md", "Money back", 30, 1), (entry.Name, entry.Title, entry.Characters, entry.Passages));
    }

    [Fact]
    public async Task Any_text_can_be_added_and_its_offsets_hold()
    {
        var knowledge = await Open();
        var text = "NUL \0 and half a pair \ud83d and ÜBERGRÖSSE 👩‍🔬 " + string.Concat(Enumerable.Repeat("wort", 1000)) + " ende " + new string(' ', 500) + "Grüße.";
        await knowledge.Add(new("t", "c", "odd", text), Ct);
        await knowledge.Add(new("t", "c", "empty", ""), Ct);
        var found = Assert.Single(await knowledge.Search("t", [], "übergrösse", 1, Ct));
        Assert.Equal(found.End - found.Start, found.Text.Length);
        Assert.Equal(text.IndexOf("ÜBER", StringComparison.Ordinal), found.Start + found.Text.IndexOf("ÜBER", StringComparison.Ordinal));
        Assert.Equal(2, (await knowledge.List("t", null, Ct)).Count);
    }

    [Fact]
    public async Task Two_documents_that_answer_come_before_two_neighbours_of_one()
    {
        var knowledge = await Open();
        string Section(string heading, string word) => $"## {heading}\n\n" + string.Join(' ', Enumerable.Repeat($"The webhook signature {word} is checked by the receiver with its secret before anything else.", 7));
        await knowledge.Add(new("t", "c", "long.md", $"# Webhooks\n\n{Section("One", "alpha")}\n\n{Section("Two", "beta")}"), Ct);
        await knowledge.Add(new("t", "c", "short.md", "# Signatures\n\nA webhook signature is checked by the receiver with the secret from the settings page."), Ct);
        var found = await knowledge.Search("t", [], "webhook signature secret", 2, Ct);
        Assert.Equal(["long.md", "short.md"], found.Select(p => p.Document).Order());
    }

    private async Task<IKnowledge> Filled()
    {
        var knowledge = await Open();
        await knowledge.Add(new("t", "billing", "refunds.md", Refunds), Ct);
        await knowledge.Add(new("t", "account", "password.md", Passwords), Ct);
        return knowledge;
    }
}
