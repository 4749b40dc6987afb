using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Schema;

/// <summary>Checks values against JSON Schema (draft 2020-12, the assertions that artifact kinds and tool arguments use).</summary>
/// <remarks>Compiled schemas are kept as long as the descriptor they belong to lives.</remarks>
public static class SchemaValidator
{
    private static readonly ConditionalWeakTable<object, CompiledSchema> Compiled = [];

    /// <summary>Compiles and checks; for a schema that is used once. Prefer <see cref="For(ToolDescriptor)"/> where there is a descriptor.</summary>
    /// <returns>Empty when the value obeys; else sentences that begin with a JSON pointer.</returns>
    /// <exception cref="SchemaException">The schema itself is not usable.</exception>
    public static IReadOnlyList<string> Validate(JsonElement schema, JsonElement value) => CompiledSchema.Compile(schema).Validate(value);

    /// <summary>The schema of the tool's arguments.</summary>
    /// <exception cref="SchemaException">The schema itself is not usable.</exception>
    public static CompiledSchema For(ToolDescriptor tool) => Compiled.GetValue(tool, static key => CompiledSchema.Compile(((ToolDescriptor)key).Parameters));

    /// <summary>The schema of the kind's values.</summary>
    /// <exception cref="SchemaException">The schema itself is not usable.</exception>
    public static CompiledSchema For(ArtifactKind kind) => Compiled.GetValue(kind, static key => CompiledSchema.Compile(((ArtifactKind)key).Schema));
}
