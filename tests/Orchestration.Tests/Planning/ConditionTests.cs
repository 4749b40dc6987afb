using System.Text;
using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Orchestration.Tests.Planning;

public sealed class ConditionTests
{
    private static readonly Dictionary<string, JsonElement> Artifacts = new(StringComparer.Ordinal)
    {
        ["category"] = MeshJson.Parse("""{"label":"billing","confidence":0.83,"scores":{"billing":0.83},"sure":true,"none":null,"text":"0.83"}"""),
        ["in-1"] = MeshJson.Parse("""{"to":["a@example.org","b@example.org"],"odd name":{"x":1},"broken":"\ud800"}"""),
    };

    private static bool Holds(string text) => Condition.Parse(text).Evaluate(id => Artifacts.TryGetValue(id.Value, out var value) ? value : null);

    [Theory]
    [InlineData("category.label == 'billing' and category.confidence >= 0.8", true)]
    [InlineData("category.label == \"billing\" and category.confidence > 0.83", false)]
    [InlineData("category.label != 'technical'", true)]
    [InlineData("not category.label == 'billing'", false)]
    [InlineData("category.label == 'account' or category.label == 'billing'", true)]
    [InlineData("category.label == 'billing' or category.label == 'account' and category.confidence > 0.9", true)]
    [InlineData("(category.label == 'billing' or category.label == 'account') and category.confidence > 0.9", false)]
    [InlineData("not (category.confidence < 0.5 or category.confidence > 0.9)", true)]
    [InlineData("category.sure", true)]
    [InlineData("not category.sure == true", false)]
    [InlineData("category.label", false)]
    [InlineData("true", true)]
    [InlineData("false or not false", true)]
    [InlineData("exists(category)", true)]
    [InlineData("exists(ticket)", false)]
    [InlineData("not exists(ticket.url)", true)]
    [InlineData("exists(category.none)", false)]
    [InlineData("exists(in-1.to[1])", true)]
    [InlineData("exists(in-1.to[2])", false)]
    [InlineData("in-1.to[0] == 'a@example.org'", true)]
    [InlineData("in-1['odd name'].x == 1", true)]
    [InlineData("category.scores.billing == category.confidence", true)]
    [InlineData("category.confidence > -1e3", true)]
    [InlineData("'a' < 'b'", true)]
    [InlineData("'it\\'s' == \"it's\"", true)]
    public void A_condition_holds_or_not(string text, bool expected) => Assert.Equal(expected, Holds(text));

    [Theory]
    [InlineData("ticket.id == 'x'")]
    [InlineData("ticket.id != 'x'")]
    [InlineData("category.none == category.missing")]
    [InlineData("category.none != 'x'")]
    [InlineData("category.text == 0.83")]
    [InlineData("category.text != 0.83")]
    [InlineData("category.label < 1")]
    [InlineData("category.sure > false")]
    [InlineData("category.scores == category.scores")]
    [InlineData("category.label.deeper.still == 'x'")]
    [InlineData("in-1.broken == 'x'")]
    public void Comparing_nothing_or_unlike_things_is_false(string text) => Assert.False(Holds(text));

    [Theory]
    [InlineData("", 1, "expected a value, but the condition ends here")]
    [InlineData("category.label = 'billing'", 16, "write '=='")]
    [InlineData("category.label == 'billing' && true", 29, "write 'and'")]
    [InlineData("a || b", 3, "write 'or'")]
    [InlineData("!a", 1, "write 'not'")]
    [InlineData("a <> b", 3, "write '!='")]
    [InlineData("a == null", 6, "not exists(path)")]
    [InlineData("a == 'b", 6, "never ends")]
    [InlineData("(a == 1", 8, "expected ')'")]
    [InlineData("a == 1)", 7, "expected 'and', 'or' or the end")]
    [InlineData("a and", 6, "expected a value")]
    [InlineData("a == 1.2.3", 6, "'1.2.3' is no number")]
    [InlineData("a == 1e999", 6, "no number")]
    [InlineData("a[b]", 3, "an index or a quoted name")]
    [InlineData("a[99999999999]", 3, "too large")]
    [InlineData("a.", 3, "expected a name")]
    [InlineData("exists('x')", 8, "takes a path")]
    [InlineData("a == \"\\n\"", 7, "backslash")]
    public void A_mistake_is_named_with_its_place(string text, int position, string reason)
    {
        var e = Assert.Throws<ConditionException>(() => Condition.Parse(text));
        Assert.Equal(position, e.Position);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void References_are_artifacts_once_each_in_order() =>
        Assert.Equal(["b", "in-1", "a"], Condition.Parse("b.x == 1 and (in-1.y or not exists(a)) and b.z").References.Select(r => r.Value));

    [Fact]
    public void Renaming_changes_artifacts_and_nothing_else()
    {
        var renamed = Condition.Parse("email.email == 'email' and exists( email['email'] ) or other.x").Rename(id => id.Value == "email" ? new("in-1") : id);
        Assert.Equal("in-1.email == 'email' and exists( in-1['email'] ) or other.x", renamed);
    }

    [Fact]
    public void Depth_and_length_are_bounded()
    {
        Condition.Parse(new string('(', Condition.MaxDepth - 1) + "a" + new string(')', Condition.MaxDepth - 1));
        Assert.Contains("deeper", Assert.Throws<ConditionException>(() => Condition.Parse(new string('(', 1_000) + "a")).Message, StringComparison.Ordinal);
        Assert.Contains("deeper", Assert.Throws<ConditionException>(() => Condition.Parse(string.Concat(Enumerable.Repeat("not ", 400)) + "a")).Message, StringComparison.Ordinal);
        Assert.Throws<ConditionException>(() => Condition.Parse(new string('a', Condition.MaxLength + 1)));
        Assert.True(Holds(string.Join(" and ", Enumerable.Repeat("true", 200))));
    }

    [Fact]
    public void Nothing_but_its_own_exception_comes_out_whatever_the_text()
    {
        string[] parts =
        [
            "category", ".label", "==", "!=", "<", ">=", "'billing'", "\"", "'", "\\", "and", "or", "not", "(", ")", "exists", "exists(", "[0]", "['x']", "[", "]",
            "0.8", "-1", "1e5", "-", ".", " ", "  ", "true", "false", "null", "in-1", ".broken", ".none", "&&", "=", "ß", "\ud83d", "\0", "\n", "a-b", "_",
        ];
        var random = new Random(20_261_121);
        var parsed = 0;
        for (var round = 0; round < 100_000; round++)
        {
            var text = new StringBuilder();
            for (var n = random.Next(1, 12); n > 0; n--) text.Append(parts[random.Next(parts.Length)]).Append(random.Next(3) > 0 ? " " : "");
            try
            {
                var condition = Condition.Parse(text.ToString());
                condition.Evaluate(id => Artifacts.TryGetValue(id.Value, out var value) ? value : null);
                Assert.Equal(condition.Text, condition.Rename(id => id));
                parsed++;
            }
            catch (ConditionException e)
            {
                Assert.InRange(e.Position, 1, text.Length + 1);
            }
        }

        Assert.InRange(parsed, 1_000, 99_000);
    }
}
