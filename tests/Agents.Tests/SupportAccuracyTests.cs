using System.Text.Json;
using AgentMesh.Agents.Rules.Support;
using AgentMesh.Agents.Rules.Text;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Tests;

/// <summary>Measures the rule tier on the support sample. It was tuned on the dev half only; the held-out half says how well it does on mail it has not seen.</summary>
public sealed class SupportAccuracyTests(ITestOutputHelper output)
{
    [Fact]
    public Task Rules_read_the_mail_they_were_tuned_on() => Measure("dev", category: 0.95, name: 0.95, account: 0.95, urgency: 0.9, details: true);

    [Fact]
    public Task Rules_read_mail_they_have_not_seen() => Measure("heldout", category: 0.85, name: 0.9, account: 0.8, urgency: 0.7, details: false);

    private async Task Measure(string split, double category, double name, double account, double urgency, bool details)
    {
        var labels = MeshJson.Parse(await File.ReadAllBytesAsync(Path.Combine(TestKit.Samples(), "support/labels.json"), TestContext.Current.CancellationToken));
        var (right, count) = (new int[4], 0);
        foreach (var mail in labels.GetProperty("emails").EnumerateArray().Where(mail => mail.GetProperty("split").GetString() == split))
        {
            count++;
            var file = mail.GetProperty("file").GetString()!;
            var email = TestKit.Attach(Path.Combine(TestKit.Samples(), "support", file));
            var (found, confidence) = await Category(email);
            var entities = await Entities(email);
            var wanted = mail.GetProperty("entities");
            string?[] got = [found, Text(entities, "name"), Text(entities, "accountId"), Text(entities, "urgency")];
            string?[] want = [mail.GetProperty("category").GetString(), Text(wanted, "name"), Text(wanted, "accountId"), Text(wanted, "urgency")];
            for (var i = 0; i < 4; i++)
            {
                if (string.Equals(got[i], want[i], StringComparison.OrdinalIgnoreCase)) right[i]++;
                else if (details) output.WriteLine($"{Path.GetFileName(file)}: {Names[i]} is '{want[i]}', read as '{got[i]}'");
            }
            if (details) output.WriteLine($"{Path.GetFileName(file)}: {found} {confidence:0.00}");
        }
        Assert.True(count >= 12, $"Only {count} mails are in {split}.");
        double[] floors = [category, name, account, urgency];
        output.WriteLine($"{split}, {count} mails: {string.Join(", ", Names.Select((each, i) => $"{each} {right[i]}/{count}"))}");
        Assert.All(Enumerable.Range(0, 4), i => Assert.True(right[i] >= floors[i] * count, $"{Names[i]} on {split}: {right[i]} of {count}, the floor is {floors[i]:0%}."));
    }

    private static readonly string[] Names = ["category", "name", "accountId", "urgency"];

    private static async Task<(string Label, double Confidence)> Category(Artifact email)
    {
        var outcome = await new Classifier(Lexicon.Default).Run(TestKit.Work("classifier", "category", [email]), new ScriptedCalls(), CancellationToken.None);
        var done = Assert.IsType<StepOutcome.Completed>(outcome);
        return (done.Value.GetProperty("label").GetString()!, done.Confidence);
    }

    private static async Task<JsonElement> Entities(Artifact email)
    {
        var outcome = await new EntityExtractor(Lexicon.Default).Run(TestKit.Work("analyst", "entities", [email]), new ScriptedCalls(), CancellationToken.None);
        var value = Assert.IsType<StepOutcome.Completed>(outcome).Value;
        var text = email.Value!.Value.GetProperty("text").GetString()!;
        foreach (var evidence in value.GetProperty("evidence").EnumerateArray())
            Assert.Equal(evidence.GetProperty("quote").GetString(), text[evidence.GetProperty("start").GetInt32()..evidence.GetProperty("end").GetInt32()]);
        return value;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
