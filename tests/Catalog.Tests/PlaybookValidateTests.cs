namespace AgentMesh.Catalog.Tests;

public sealed class PlaybookValidateTests
{
    private const string Good =
        """
        name: mine
        description: Sorts mail.
        requires: [email]
        steps:
          - id: sort
            role: classifier
            inputs: [email]
            produces: category
          - id: ask
            role: clerk
            inputs: [email, sort]
            produces: ticket
            when: sort.label == 'billing'
            tools: [ticket.create]
            retry: {attempts: 2, firstDelay: 500ms, maxDelay: 1m}
            timeout: 30s
            optional: true
        deliver: [sort]
        """;

    private static IReadOnlyList<string> Validate(string text) => [.. PlaybookLoader.ValidateText(text, "p.yaml", Mesh.Builtin).Select(d => d.ToString())];

    [Fact]
    public void A_good_file_has_nothing_to_say() => Assert.Empty(Validate(Good));

    [Theory]
    [InlineData("role: classifier", "role: clasifier", "p.yaml:6:11: error: Step 'sort' is for role 'clasifier', which does not exist; did you mean 'classifier'?")]
    [InlineData("[ticket.create]", "[ticket.creat]", "p.yaml:14:13: error: Step 'ask' names tool 'ticket.creat', which does not exist; did you mean 'ticket.create'?")]
    [InlineData("[ticket.create]", "[csv.read]", "p.yaml:14:13: error: Step 'ask' names tool 'csv.read', which role 'clerk' may not use.")]
    [InlineData("[ticket.create]", "[tickets.*]", "p.yaml:14:13: error: Step 'ask' has tools 'tickets.*', but no tool's name starts with 'tickets.'.")]
    [InlineData("produces: category", "produces: categroy", "p.yaml:8:15: error: Step 'sort' makes 'categroy', which is no known artifact kind; did you mean 'category'?")]
    [InlineData("[email, sort]", "[email, srot]", "p.yaml:11:21: error: Step 'ask' needs 'srot', which no step makes and nobody submitted; did you mean 'sort'?")]
    [InlineData("inputs: [email]\n", "inputs: [email, ask]\n", "p.yaml:7:13: error: The steps wait for each other: sort → ask → sort; take one of these inputs away.")]
    [InlineData("requires: [email]", "requires: [mail]", "p.yaml:3:12: error: 'mail' is no known artifact kind; did you mean 'email'?")]
    [InlineData("== 'billing'", "= 'billing'", "p.yaml:13:11: error: Step 'ask' has a condition that cannot be read, at character 12: '=' does not compare; write '=='.")]
    [InlineData("sort.label ==", "srt.label ==", "p.yaml:13:11: error: Step 'ask' has a condition on 'srt', which no step makes and nobody submitted; did you mean 'sort'?")]
    [InlineData("id: ask", "id: sort", "p.yaml:9:9: error: Two steps have the id 'sort'; give one of them another.")]
    [InlineData("id: ask", "id: Ask", "p.yaml:9:9: error: 'Ask' is no name for a step: use a lower-case letter, then lower-case letters, digits and '-', 64 at most.")]
    [InlineData("deliver: [sort]", "deliver: [sotr]", "p.yaml:18:11: error: The plan delivers 'sotr', which no step makes; did you mean 'sort'?")]
    [InlineData("deliver:", "delivers:", "p.yaml:18:1: error: A playbook has no 'delivers'; did you mean 'deliver'?")]
    [InlineData("optional: true", "optional: yes", "p.yaml:17:15: error: 'optional' is true or false, not the text 'yes'.")]
    [InlineData("attempts: 2", "attempts: two", "p.yaml:15:23: error: 'attempts' is a whole number from 1 to 20, not the text 'two'.")]
    [InlineData("attempts: 2", "tries: 2", "p.yaml:15:13: error: A retry policy has no 'tries'; it takes attempts, firstDelay, maxDelay.")]
    [InlineData("timeout: 30s", "timeout: 30", "p.yaml:16:14: error: 'timeout' is a time such as 500ms, 30s, 5m, 2h or 1d, above zero, not the number 30.")]
    [InlineData("name: mine", "name: 42", "p.yaml:1:7: error: 'name' is a text, not the number 42; put it in quotes: \"42\".")]
    [InlineData("name: mine\n", "", "p.yaml:1:1: error: 'name' is missing: a playbook needs it.")]
    [InlineData("description: Sorts mail.", "description: ' '", "p.yaml:2:14: error: 'description' is empty; say something.")]
    [InlineData("requires: [email]", "requires: email", "p.yaml:3:11: error: 'requires' is a list; write [email].")]
    [InlineData("requires: [email]", "requires: [email, email]", "p.yaml:3:19: error: 'email' is there twice in 'requires'; keep one.")]
    [InlineData("requires: [email]", "requires: []", "p.yaml:7:13: error: Step 'sort' lacks an input of kind 'email', which role 'classifier' needs to make 'category'. This is so when no email is attached; if it always must be, add it to 'requires'.")]
    [InlineData("deliver: [sort]", "name: twice", "p.yaml:18:1: error: The key 'name' is there twice; keep one.")]
    [InlineData("    role: classifier", "\trole: classifier", "p.yaml:6:1: error: A tab cannot indent YAML; use spaces.")]
    [InlineData("name: mine", "name: &a mine", "p.yaml:1:7: error: Anchors (&name) are not supported; write the value out where it is needed.")]
    [InlineData("name: mine", "name: *a", "p.yaml:1:7: error: Aliases (*name) are not supported; write the value out.")]
    [InlineData("name: mine", "name: !!str mine", "p.yaml:1:7: error: Tags (!name) are not supported; leave the tag away.")]
    [InlineData("deliver: [sort]", "---\nname: b", "p.yaml:18:1: error: A file holds one document; move what follows '---' to its own file.")]
    public void A_mistake_is_named_with_its_place_and_what_would_be_right(string from, string to, string expected)
    {
        Assert.Contains(from, Good, StringComparison.Ordinal);
        Assert.Equal(expected, Validate(Good.Replace(from, to, StringComparison.Ordinal))[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("just words")]
    [InlineData("- a\n- b")]
    [InlineData("a: [b")]
    [InlineData("a: 'b")]
    [InlineData("? [a]\n: b")]
    [InlineData("steps: 5")]
    [InlineData("steps: [5, [6], {}]")]
    [InlineData("\0")]
    [InlineData("%YAML 9.9\n---\na: b")]
    public void What_is_no_playbook_is_refused_and_nothing_breaks(string text) => Assert.NotEmpty(Validate(text));

    [Fact]
    public void Bombs_are_refused_soon()
    {
        var laughs = "a: &a [x, x]\n" + string.Concat(Enumerable.Range(1, 30).Select(n => $"b{n}: &b{n} [*a, *a]\n"));
        Assert.Contains("Anchors", Validate(laughs)[0], StringComparison.Ordinal);
        Assert.Contains("nested deeper", Validate(new string('[', 5_000))[0], StringComparison.Ordinal);
        Assert.Contains("at most 262,144", Validate(new string('a', 300_000))[0], StringComparison.Ordinal);
        Assert.InRange(Validate("steps:\n" + string.Concat(Enumerable.Repeat("  - id: A\n", 5_000))).Count, 1, 100);
    }

    [Fact]
    public void Whatever_the_text_only_diagnostics_come_out()
    {
        var random = new Random(3);
        string[] parts = ["\t", " ", "\n", ":", "- ", "[", "]", "{", "}", "'", "\"", "&a ", "*a", "!x ", "|", ">", "#", "%", "@", "`", "?", "null", "5", "\ud83d", "\0", "steps", ": "];
        for (var round = 0; round < 5_000; round++)
        {
            var text = Good;
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                var at = random.Next(text.Length);
                text = string.Concat(text.AsSpan(0, at), parts[random.Next(parts.Length)], text.AsSpan(Math.Min(text.Length, at + random.Next(3))));
            }

            foreach (var diagnostic in PlaybookLoader.ValidateText(text, "p.yaml", Mesh.Builtin))
                Assert.True(diagnostic is { Line: >= 1, Column: >= 1, Message.Length: > 0 }, text);
        }
    }

    [Fact]
    public void Files_and_folders_that_cannot_be_read_are_diagnostics_too()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal("There is no such file.", PlaybookLoader.Validate(folder.Path("none.yaml"), Mesh.Builtin).Single().Message);
        Assert.Equal("The folder holds no .yaml or .yml file.", PlaybookLoader.Validate(folder.Root, Mesh.Builtin).Single().Message);
        File.WriteAllBytes(folder.Path("latin.yaml"), [0x6e, 0xe4]);
        Assert.Contains("UTF-8", PlaybookLoader.Validate(folder.Path("latin.yaml"), Mesh.Builtin).Single().Message, StringComparison.Ordinal);
        folder.Write("good.yml", Good);
        Assert.Equal([folder.Path("latin.yaml")], PlaybookLoader.Validate(folder.Root, Mesh.Builtin).Select(d => d.File));
    }
}
