namespace AgentMesh.Inference.Tests;

public sealed class ModelOptionsTests
{
    private static ModelOptions Read(params (string Name, string Value)[] variables) =>
        ModelOptions.FromEnvironment(name => variables.FirstOrDefault(v => v.Name == name).Value);

    [Fact]
    public void An_empty_environment_means_no_model()
    {
        var options = Read();
        Assert.Equal(new ModelOptions(), options);
        using var chain = ModelChain.Create(options);
        Assert.Null(chain.Chat(Contracts.ModelNeed.Small));
        Assert.Null(chain.Chat(Contracts.ModelNeed.Large));
        Assert.Null(chain.ModelFor(Contracts.ModelNeed.Large));
        Assert.Null(chain.Embeddings);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/")]
    [InlineData("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/")]
    [InlineData("https://host/openai/v1/chat/completions", "https://host/openai/v1/")]
    [InlineData(" https://host/v1/models/ ", "https://host/v1/")]
    public void An_address_is_taken_in_the_forms_people_paste(string pasted, string expected) =>
        Assert.Equal(new Uri(expected), Read(("AGENTMESH_MODEL_URL", pasted), ("AGENTMESH_MODEL", "m")).Url);

    [Fact]
    public void Every_setting_is_read()
    {
        var options = Read(
            ("AGENTMESH_MODEL_URL", "https://host/v1"), ("AGENTMESH_MODEL", "big"), ("AGENTMESH_MODEL_SMALL", "little"), ("AGENTMESH_API_KEY", "k"),
            ("AGENTMESH_EMBEDDING_MODEL", "e"), ("AGENTMESH_MODEL_MAX_OUTPUT", "99"), ("AGENTMESH_MODEL_TIMEOUT", "500ms"),
            ("AGENTMESH_MODEL_IDLE_TIMEOUT", "7s"), ("AGENTMESH_MODEL_TOTAL_TIMEOUT", "3m"), ("AGENTMESH_MODEL_RETRIES", "0"),
            ("AGENTMESH_MODEL_CONCURRENCY", "8"), ("AGENTMESH_MODEL_TOOLS", "Off"), ("AGENTMESH_REDACT", "prompt"),
            ("AGENTMESH_REDACT_EMAILS", "off"), ("AGENTMESH_LOG_CONTENT", "on"), ("AGENTMESH_MODEL_CONTEXT", "4096"), ("AGENTMESH_SLOTS", "9"),
            ("AGENTMESH_MODEL_THREADS", "3"), ("AGENTMESH_DEVICES", "gpu1=http://host,gpu2"), ("AGENTMESH_MODEL_GPU_LAYERS", "0"));
        Assert.Equal(
            new ModelOptions
            {
                Url = new Uri("https://host/v1/"), Model = "big", SmallModel = "little", ApiKey = "k", EmbeddingUrl = new Uri("https://host/v1/"),
                EmbeddingModel = "e", MaxOutputTokens = 99, AttemptTimeout = TimeSpan.FromMilliseconds(500), IdleTimeout = TimeSpan.FromSeconds(7),
                TotalTimeout = TimeSpan.FromMinutes(3), Retries = 0, Concurrency = 8, NativeTools = ToolSupport.Off, Redact = RedactionScope.Prompt,
                RedactEmails = false, LogContent = true, Context = 4096, Slots = 9, Threads = 3, Device = "gpu1", GpuLayers = 0,
            },
            options);
    }

    [Theory]
    [InlineData("AGENTMESH_MODEL_URL", "localhost:8080")]
    [InlineData("AGENTMESH_MODEL_URL", "ftp://host/v1")]
    [InlineData("AGENTMESH_MODEL_URL", "https://me:secret@host/v1")]
    [InlineData("AGENTMESH_MODEL_URL", "https://host/v1?x=1")]
    [InlineData("AGENTMESH_API_KEY", "two words")]
    [InlineData("AGENTMESH_MODEL_RETRIES", "-1")]
    [InlineData("AGENTMESH_MODEL_CONCURRENCY", "0")]
    [InlineData("AGENTMESH_MODEL_TIMEOUT", "30")]
    [InlineData("AGENTMESH_MODEL_TIMEOUT", "0s")]
    [InlineData("AGENTMESH_MODEL_TIMEOUT", "999999999m")]
    [InlineData("AGENTMESH_MODEL_TOOLS", "maybe")]
    [InlineData("AGENTMESH_REDACT", "all")]
    [InlineData("AGENTMESH_MODEL_CONTEXT", "many")]
    [InlineData("AGENTMESH_MODEL_CONTEXT_EACH", "0")]
    [InlineData("AGENTMESH_SLOTS", "0")]
    [InlineData("AGENTMESH_SLOTS", "1000")]
    [InlineData("AGENTMESH_MODEL_THREADS", "0")]
    [InlineData("AGENTMESH_MODEL_GPU_LAYERS", "-1")]
    public void A_wrong_value_gives_one_sentence_that_names_its_variable(string name, string value)
    {
        var error = Assert.Throws<ModelOptionsException>(() => Read((name, value)));
        var problem = Assert.Single(error.Problems);
        Assert.StartsWith(name, problem, StringComparison.Ordinal);
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        var error = Assert.Throws<ModelOptionsException>(() => Read(("AGENTMESH_MODEL_RETRIES", "x"), ("AGENTMESH_MODEL_TIMEOUT", "y"), ("AGENTMESH_MODEL_SMALL", "m")));
        Assert.Equal(3, error.Problems.Count);
    }

    [Fact]
    public void A_url_without_a_model_is_refused() =>
        Assert.Contains("AGENTMESH_MODEL is not", Assert.Throws<ModelOptionsException>(() => Read(("AGENTMESH_MODEL_URL", "http://h/v1"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_is_the_endpoints_a_file_is_served_here_and_without_an_endpoint_the_store_knows_it()
    {
        using var file = new LlamaCpp.TemporaryFile();
        File.WriteAllText(file.Path, "");
        var stem = Path.GetFileNameWithoutExtension(file.Path);
        Assert.Equal((stem, file.Path), Model(("AGENTMESH_MODEL", file.Path)));
        Assert.Equal(("none", "./none.gguf"), Model(("AGENTMESH_MODEL", "./none.gguf")));
        Assert.Equal(("acme/tiny:q8_0", "acme/tiny:q8_0"), Model(("AGENTMESH_MODEL", "acme/tiny:q8_0")));
        Assert.Equal(("acme/tiny:q8_0", null), Model(("AGENTMESH_MODEL", "acme/tiny:q8_0"), ("AGENTMESH_MODEL_URL", "http://h/v1")));
        // A small model here and a large one there.
        var both = Read(("AGENTMESH_MODEL", "big"), ("AGENTMESH_MODEL_URL", "http://h/v1"), ("AGENTMESH_MODEL_SMALL", file.Path));
        Assert.Equal(("big", null, stem, file.Path), (both.Model, both.ModelFile, both.SmallModel, both.SmallModelFile));

        static (string?, string?) Model(params (string, string)[] variables) => Read(variables) is var options ? (options.Model, options.ModelFile) : default;
    }

    [Theory]
    [InlineData("unset one of them", "AGENTMESH_MODEL=FILE;AGENTMESH_MODEL_URL=http://h/v1")]
    [InlineData("AGENTMESH_MODEL is not", "AGENTMESH_MODEL_SMALL=FILE")]
    [InlineData("give one of them another name", "AGENTMESH_MODEL=FILE;AGENTMESH_MODEL_SMALL=./other/FILE")]
    [InlineData("Unset one of them", "AGENTMESH_MODEL=FILE;AGENTMESH_MODEL_CONTEXT=8192;AGENTMESH_MODEL_CONTEXT_EACH=1024")]
    [InlineData("Unset one of them", "AGENTMESH_EMBEDDINGS=FILE;AGENTMESH_EMBEDDING_MODEL=e;AGENTMESH_EMBEDDING_URL=http://h/v1")]
    public void What_cannot_be_meant_together_is_refused(string says, string variables)
    {
        using var file = new LlamaCpp.TemporaryFile();
        File.WriteAllText(file.Path, "");
        var set = variables.Replace("./other/FILE", $"./other/{Path.GetFileName(file.Path)}", StringComparison.Ordinal).Replace("FILE", file.Path, StringComparison.Ordinal)
            .Split(';').Select(v => v.Split('=', 2)).Select(v => (v[0], v[1])).ToArray();
        Assert.Contains(says, Assert.Single(Assert.Throws<ModelOptionsException>(() => Read(set)).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_print_without_the_key() =>
        Assert.DoesNotContain("hunter2", new ModelOptions { ApiKey = "hunter2" }.ToString(), StringComparison.Ordinal);
}
