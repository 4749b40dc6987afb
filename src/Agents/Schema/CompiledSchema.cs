using System.Text.Json;

namespace AgentMesh.Agents.Schema;

/// <summary>A JSON Schema made ready for use: references resolved, patterns compiled. Immutable and safe for concurrent use.</summary>
public sealed class CompiledSchema
{
    private readonly SchemaNode root;

    private CompiledSchema(SchemaNode root) => this.root = root;

    /// <exception cref="SchemaException">The schema is not one, or uses what this validator does not know.</exception>
    public static CompiledSchema Compile(JsonElement schema) => new(new SchemaCompiler(schema).Compile());

    /// <summary>What is wrong with the value, each sentence beginning with a JSON pointer to the place; empty when it obeys.</summary>
    public IReadOnlyList<string> Validate(JsonElement value)
    {
        var check = new SchemaCheck();
        check.Run(root, value, "");
        return check.Errors;
    }
}

/// <summary>A schema that cannot be used, with the pointer to the place and the reason.</summary>
public sealed class SchemaException(string message) : Exception(message);
