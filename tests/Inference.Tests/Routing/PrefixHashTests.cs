using AgentMesh.Inference.Routing;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests.Routing;

public sealed class PrefixHashTests
{
    private static ulong? Hash(string system, string user = "x", params AITool[] tools) =>
        PrefixHash.Of([new ChatMessage(ChatRole.System, system), new ChatMessage(ChatRole.User, user)], new ChatOptions { Tools = tools });

    [Fact]
    public void It_is_the_same_in_every_process_and_version() => Assert.Equal(8977884616435421130UL, Hash("You are the writer.", "x", Fixture.Tool()));

    [Fact]
    public void What_follows_the_prefix_does_not_count()
    {
        Assert.Equal(Hash("role", "one"), Hash("role", "two"));
        Assert.Equal(Hash(new string('x', PrefixHash.Head) + "goal 1"), Hash(new string('x', PrefixHash.Head) + "goal 2"));
    }

    [Fact]
    public void Roles_and_tools_do()
    {
        ulong?[] different = [Hash("a"), Hash("b"), Hash("a", "x", Fixture.Tool("f")), Hash("a", "x", Fixture.Tool("g")), Hash("a", "x", Fixture.Tool("f"), Fixture.Tool("g"))];
        Assert.Equal(different.Length, different.Distinct().Count());
    }

    [Fact]
    public void Instructions_are_a_system_message() =>
        Assert.Equal(Hash("role"), PrefixHash.Of([new ChatMessage(ChatRole.User, "x")], new ChatOptions { Instructions = "role" }));

    [Fact]
    public void Nothing_shared_is_no_prefix() => Assert.Null(PrefixHash.Of([new ChatMessage(ChatRole.User, "x")]));
}
