using FsCheck;
using FsCheck.Fluent;

namespace AgentMesh.Inference.Grammars;

public sealed class RandomSchemaTests
{
    private static readonly TestTokenizer Tokenizer = TestTokenizer.Small;
    private static readonly GrammarVocabulary Vocabulary = new(Tokenizer);

    [Fact]
    public void Ten_thousand_random_schemas_are_obeyed_whatever_the_masks_let_a_model_choose() => ForSeeds(10_000, seed =>
    {
        var schema = new RandomSchema(seed);
        var text = Walk.Run(Vocabulary, Tokenizer, JsonSchemaGrammar.Compile(Walk.Json(schema.Text)), new(seed));
        Walk.Obeys(schema.Text, text);
    });

    [Fact]
    public void Every_compact_value_of_a_schema_is_accepted() => ForSeeds(3_000, seed =>
    {
        var schema = new RandomSchema(seed);
        var grammar = JsonSchemaGrammar.Compile(Walk.Json(schema.Text));
        var random = new Random(seed);
        for (var i = 0; i < 3; i++)
        {
            var value = schema.Value(random);
            // Some combinations of bounds have no value here; then what was made does not obey either.
            if (AgentMesh.Agents.Schema.SchemaValidator.Validate(Walk.Json(schema.Text), Walk.Json(value)).Count > 0) continue;
            Assert.True(grammar.Accepts(System.Text.Encoding.UTF8.GetBytes(value)), $"{schema.Text} refuses {value}");
        }
    });

    [Fact]
    public void A_mask_holds_exactly_the_tokens_that_the_bytes_allow() => ForSeeds(150, seed =>
    {
        var schema = new RandomSchema(seed);
        Walk.Run(Vocabulary, Tokenizer, JsonSchemaGrammar.Compile(Walk.Json(schema.Text)), new(seed), state =>
            Assert.Equal(Enumerable.Range(0, Tokenizer.Size).Where(state.Allows), Walk.Allowed(state.Mask())));
    });

    [Fact]
    public void Forced_tokens_are_what_must_come() => ForSeeds(1_000, seed =>
    {
        var schema = new RandomSchema(seed);
        Walk.Run(Vocabulary, Tokenizer, JsonSchemaGrammar.Compile(Walk.Json(schema.Text)), new(seed), state =>
        {
            var ahead = state.Copy();
            foreach (var token in state.Forced())
            {
                // All that may come begins with the token's bytes, or is part of them.
                foreach (var other in Walk.Allowed(ahead.Mask()))
                {
                    var mine = Tokenizer.Bytes(token);
                    var its = Tokenizer.Bytes(other);
                    Assert.True(mine.StartsWith(its) || its.StartsWith(mine), schema.Text);
                }

                Assert.True(ahead.Accept(token), schema.Text);
            }
        });
    });

    private static void ForSeeds(int count, Action<int> check) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), check).Check(Config.QuickThrowOnFailure.WithMaxTest(count));
}
