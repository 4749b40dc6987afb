using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Http;

/// <summary>Answers of protocols whose shapes are others' and are built where they are needed.</summary>
internal static class JsonBody
{
    public static IResult Of(JsonNode body, int status = 200) => TypedResults.Text(body.ToJsonString(), "application/json", Encoding.UTF8, status);
}
