using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Tools;

/// <summary>Shorthand for calling a tool as the runtime does.</summary>
internal static class Calls
{
    public static ToolCall Of(string arguments, string key = "g-1/step/1") =>
        new(new GoalId("g-1"), "default", new StepId("step"), new CallId("step/1"), key, MeshJson.Parse(arguments));

    public static async Task<JsonElement> Run(this ITool tool, string arguments, string key = "g-1/step/1") =>
        (await tool.Invoke(Of(arguments, key), TestContext.Current.CancellationToken)).Value;

    public static async Task<ToolException> Fails(this ITool tool, string arguments, string key = "g-1/step/1") =>
        await Assert.ThrowsAnyAsync<ToolException>(() => tool.Invoke(Of(arguments, key), TestContext.Current.CancellationToken));

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
