using AgentMesh.Agents.Rules.Finance;
using AgentMesh.Agents.Rules.Support;
using AgentMesh.Agents.Rules.Text;

namespace AgentMesh.Agents.Rules;

/// <summary>The tier that works without a model.</summary>
public static class RuleTier
{
    /// <summary>Its name in results.</summary>
    public const string Name = "rules";

    /// <summary>The rule behaviours of the built-in roles.</summary>
    /// <param name="lexicon">Null for the built-in one.</param>
    public static IReadOnlyList<IRuleBehaviour> BuiltIn(Lexicon? lexicon = null)
    {
        var words = lexicon ?? Lexicon.Default;
        return
        [
            new Classifier(words), new EntityExtractor(words), new PassageRetriever(), new FileFinder(), new Clerk(), new ReplyWriter(),
            new MetricsAnalyst(), new BriefWriter(),
        ];
    }
}
