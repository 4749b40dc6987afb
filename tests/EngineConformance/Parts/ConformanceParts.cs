using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.EngineConformance;

/// <summary>
/// What an engine must host to be under test: roles, tools, an agent and a planner that do what the goal's script says. Made from an address alone,
/// so that a silo of another process can make the same.
/// </summary>
public sealed class ConformanceParts
{
    /// <summary>The roles of the mesh that have grains of their own, and one that a user added.</summary>
    public static readonly IReadOnlyList<string> Roles = ["classifier", "retriever", "analyst", "writer", "worker"];

    /// <summary>For a host process: the world's address comes from <see cref="WorldAddress.Variable"/>.</summary>
    public ConformanceParts()
        : this(Environment.GetEnvironmentVariable(WorldAddress.Variable)
            ?? throw new InvalidOperationException($"Set {WorldAddress.Variable} to the address of the test's world."))
    {
    }

    public ConformanceParts(string world)
        : this(WorldAddress.Connect(world))
    {
    }

    public ConformanceParts(IWorld world)
    {
        World = world;
        Tools = ScriptTool.All(World);
        Toolbox = new Toolbox(Tools);
        Agent = new ScriptAgent(World);
        Catalogue = MeshCatalogue.Empty with
        {
            Roles = Roles.ToDictionary(
                r => r, r => new RoleDescriptor { Name = r, Purpose = "Does what its step says.", Model = ModelNeed.None, Tools = [.. Tools.Select(t => t.Descriptor.Name)] },
                StringComparer.Ordinal),
            Tools = Toolbox.Descriptors,
            Kinds = new Dictionary<string, ArtifactKind>(StringComparer.Ordinal)
            {
                [Script.Note] = new(Script.Note, "What a step came to.", MeshJson.Parse("""{"type":"object"}""")),
                [Script.Plans] = new(Script.Plans, "The plans that the goal is to get.", MeshJson.Parse("""{"type":"array"}""")),
            },
        };
    }

    public IWorld World { get; }
    public MeshCatalogue Catalogue { get; }
    public IReadOnlyList<ITool> Tools { get; }
    public Toolbox Toolbox { get; }
    public IAgent Agent { get; }
    public IPlanner Planner { get; } = new ScriptPlanner();
    public IModels Models { get; } = NoModels.Instance;

    /// <summary>Small, so that a <c>big</c> artifact goes through the content store.</summary>
    public RuntimeOptions Runtime { get; } = new() { InlineArtifactBytes = 4096 };
}
