using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Tests;

public sealed class SchemaValidatorTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "1.0", null)]
    [InlineData("""{"type":"integer"}""", "1.5", "(root) must be an integer, but is 1.5.")]
    [InlineData("""{"type":["string","null"]}""", "null", null)]
    [InlineData("""{"enum":["a",1]}""", "1.0", null)]
    [InlineData("""{"const":"x"}""", "\"y\"", "(root) must be \"x\", but is \"y\".")]
    [InlineData("""{"properties":{"a/b":{"type":"string"}}}""", """{"a/b":1}""", "/a~1b must be a string, but is 1.")]
    [InlineData("""{"required":["id"]}""", "{}", "(root) lacks the required property 'id'.")]
    [InlineData("""{"properties":{"id":{}},"additionalProperties":false}""", """{"ID":1}""", "(root) has the property 'ID', which is not one of 'id'.")]
    [InlineData("""{"items":{"minimum":0}}""", "[1,-1]", "/1 must be at least 0, but is -1.")]
    [InlineData("""{"maxLength":1}""", "\"😀\"", null)]
    [InlineData("""{"pattern":"^AC-[0-9]{5}$"}""", "\"AC-1\"", "(root) must match ^AC-[0-9]{5}$, but is \"AC-1\".")]
    [InlineData("""{"oneOf":[{"type":"number"},{"minimum":0}]}""", "1", "(root) fits 2 of the allowed shapes, but must fit exactly one.")]
    [InlineData("""{"$defs":{"n":{"properties":{"next":{"$ref":"#/$defs/n"},"v":{"type":"number"}}}},"$ref":"#/$defs/n"}""", """{"next":{"next":{"v":"x"}}}""", "/next/next/v must be a number, but is \"x\".")]
    public void A_value_is_told_where_it_breaks_its_schema(string schema, string value, string? error) =>
        Assert.Equal(error is null ? [] : [error], SchemaValidator.Validate(MeshJson.Parse(schema), MeshJson.Parse(value)));

    [Fact]
    public void A_keyword_that_is_not_known_is_an_error_and_not_passed_over()
    {
        var error = Assert.Throws<SchemaException>(() => CompiledSchema.Compile(MeshJson.Parse("""{"properties":{"a":{"unevaluatedItems":false}}}""")));
        Assert.Contains("/properties/a/unevaluatedItems", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_that_refers_to_itself_ends_with_an_error() =>
        Assert.NotEmpty(SchemaValidator.Validate(MeshJson.Parse("""{"$ref":"#"}"""), MeshJson.Parse("1")));

    [Fact]
    public void A_thousand_wrong_items_are_told_in_ten_sentences() =>
        Assert.Equal(10, SchemaValidator.Validate(MeshJson.Parse("""{"items":{"type":"string"}}"""), MeshJson.Parse($"[{string.Join(',', Enumerable.Range(0, 1000))}]")).Count);

    [Fact]
    public void Every_built_in_kind_compiles() =>
        Assert.All(TestKit.Catalogue.Kinds.Values, kind => Assert.NotNull(SchemaValidator.For(kind)));

    [Fact]
    public void A_descriptor_is_compiled_once()
    {
        var kind = TestKit.Catalogue.Kinds["category"];
        Assert.Same(SchemaValidator.For(kind), SchemaValidator.For(kind));
    }
}
