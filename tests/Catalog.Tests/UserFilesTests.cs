using AgentMesh.Contracts;

namespace AgentMesh.Catalog.Tests;

public sealed class UserFilesTests : IDisposable
{
    private const string Translator =
        """
        name: translator
        purpose: Translates emails into English.
        prompt: Translate faithfully.
        model: large
        minConfidence: 0.7
        maxIterations: 3
        timeout: 90s
        tools: [files.*, http.fetch]
        capabilities:
          - consumes: [email]
            uses: [category]
            produces: translation
            instruction: Translate the email into English.
            tools: [files.read]
        kinds:
          translation:
            description: An English text.
            words: [translate, translation]
            schema:
              type: object
              required: [text]
              properties: {text: {type: string}}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private CatalogueFolders Folders => new(_folder.Path("roles"), _folder.Path("playbooks"));

    [Fact]
    public async Task A_users_role_with_its_own_kind_is_planned_with()
    {
        var file = _folder.Write("roles/translator.yaml", Translator);
        var build = CatalogueBuilder.Load(Mesh.Tools, Folders);
        Assert.Empty(build.Diagnostics);
        Assert.Equal(file, build.Origins["role:translator"]);
        var role = build.Catalogue.Roles["translator"];
        Assert.Equal(["files.list", "files.read", "files.search", "http.fetch"], role.Tools);
        Assert.Equal((ModelNeed.Large, 0.7, 3, TimeSpan.FromSeconds(90)), (role.Model, role.MinConfidence, role.MaxIterations, role.Timeout));
        Assert.Equal("Translate faithfully.", role.Prompt);
        Assert.Equal("text", build.Catalogue.Kinds["translation"].Schema.GetProperty("required")[0].GetString());

        var plan = await Mesh.Plan(Mesh.Goal("Translate this", ["email"]) with { Catalogue = build.Catalogue });
        Assert.Equal("category(in-1) translation(in-1 category)", Mesh.Sketch(plan));
        Assert.Equal(["files.read"], plan.Steps[1].Tools);
    }

    [Fact]
    public void A_users_file_replaces_a_builtin_of_the_same_name_and_the_last_one_wins()
    {
        _folder.Write("playbooks/a.yaml", Small("first"));
        var last = _folder.Write("playbooks/b.yaml", Small("second"));
        var build = CatalogueBuilder.Load(Mesh.Tools, Folders);
        Assert.Equal("second", build.Catalogue.Playbooks["support"].Description);
        Assert.Equal(last, build.Origins["playbook:support"]);
        var warning = Assert.Single(build.Diagnostics);
        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.Contains("a.yaml", warning.Message, StringComparison.Ordinal);
        Assert.Equal("second", CatalogueBuilder.Build(Mesh.Tools, Folders).Playbooks["support"].Description);

        static string Small(string description) =>
            $"name: support\ndescription: {description}\nrequires: [email]\nsteps:\n  - {{id: c, role: classifier, inputs: [email], produces: category}}\n";
    }

    [Fact]
    public void A_broken_file_is_left_out_and_named_and_build_refuses_to_go_on()
    {
        var playbook = _folder.Write("playbooks/loop.yaml",
            """
            name: loop
            description: Never ends.
            steps:
              - {id: a, role: classifier, inputs: [email, b], produces: category}
              - {id: b, role: classifier, inputs: [email, a], produces: category}
            """);
        var role = _folder.Write("roles/bad.yaml",
            """
            name: bad
            purpose: Shows errors.
            tools: [http.fetsh]
            capabilities:
              - consumes: [emial]
                produces: reply
                instruction: Reply.
                tools: [sql.query]
            """);
        var build = CatalogueBuilder.Load(Mesh.Tools, Folders);
        Assert.False(build.Catalogue.Playbooks.ContainsKey("loop"));
        Assert.False(build.Catalogue.Roles.ContainsKey("bad"));
        string[] expected =
        [
            $"{role}:3:9: error: Role 'bad' has tool 'http.fetsh', which does not exist; did you mean 'http.fetch'?",
            $"{role}:5:16: error: 'emial' is no known artifact kind; did you mean 'email'?",
            $"{role}:8:12: error: Capability 'reply' has tool 'sql.query', which the role's own list lacks; add it there.",
            $"{playbook}:4:39: error: The steps wait for each other: a → b → a; take one of these inputs away.",
        ];
        Assert.Equal(expected, build.Diagnostics.Select(d => d.ToString()));
        var e = Assert.Throws<CatalogueException>(() => CatalogueBuilder.Build(Mesh.Tools, Folders));
        Assert.Equal(string.Join(Environment.NewLine, expected), e.Message);
    }

    [Theory]
    [InlineData("model: large", "model: larg", "4:8: error: 'model' is one of none, small, large, not 'larg'; did you mean 'large'?")]
    [InlineData("minConfidence: 0.7", "minConfidence: 7", "5:16: error: 'minConfidence' is a number from 0 to 1, not the number 7.")]
    [InlineData("prompt:", "promt:", "3:1: error: A role has no 'promt'; did you mean 'prompt'?")]
    [InlineData("  translation:\n    description", "  Translation:\n    description", "16:3: error: 'Translation' is no name for a kind")]
    [InlineData("    schema:\n      type: object", "    schma:\n      type: object", "17:5: error: 'schema' is missing: a kind needs it.")]
    [InlineData("instruction: Translate the email into English.", "instruction: [x]", "13:18: error: 'instruction' is a text, not a list.")]
    public void A_roles_mistake_is_named(string from, string to, string expected)
    {
        var file = _folder.Write("roles/translator.yaml", Translator.Replace(from, to, StringComparison.Ordinal));
        var first = CatalogueBuilder.Load(Mesh.Tools, Folders).Diagnostics[0].ToString();
        Assert.StartsWith($"{file}:{expected}", first, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_that_are_not_there_are_empty() => Assert.Empty(CatalogueBuilder.Load(Mesh.Tools, Folders).Diagnostics);
}
