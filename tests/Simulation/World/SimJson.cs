using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Simulation;

internal static class SimJson
{
    public static JsonElement Label(string label) => MeshJson.Parse($$"""{"label":"{{label}}"}""");

    public static JsonElement Result(string label, int attempt) => MeshJson.Parse($$"""{"attempt":{{attempt}},"label":"{{label}}"}""");

    public static JsonElement Arguments(string action, string value) => MeshJson.Parse($$"""{"action":"{{action}}","value":"{{value}}"}""");

    public static readonly JsonElement ArgumentsSchema = MeshJson.Parse(
        """{"type":"object","properties":{"action":{"type":"string"},"value":{"type":"string"}},"required":["action"]}""");

    public static readonly JsonElement ResultSchema = MeshJson.Parse("""{"type":"object","properties":{"done":{"type":"boolean"}},"required":["done"]}""");

    public static readonly JsonElement Word = MeshJson.Parse("""{"confirmed":"a person said that it happened"}""");

    public static readonly JsonElement Done = MeshJson.Parse("""{"done":true}""");
}
