using AgentMesh.Inference.Serving;

namespace AgentMesh.Inference.Tests.Serving;

public sealed class TokenRateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    [Fact]
    public void A_whole_answer_counts_for_the_time_in_which_it_was_made()
    {
        var rate = new TokenRate();
        // Ten tokens a second for twenty seconds, of which the window holds the last nine and a half.
        rate.Add(200, At(0), At(20));
        Assert.Equal(9, rate.PerSecond(At(20)), 3);
        Assert.Equal(4, rate.PerSecond(At(25)), 3);
        Assert.Equal(0, rate.PerSecond(At(40)), 3);
    }

    [Fact]
    public void A_correction_never_makes_the_rate_negative()
    {
        var rate = new TokenRate();
        rate.Add(5, At(1), At(1));
        rate.Add(-9, At(1), At(1));
        Assert.Equal(0, rate.PerSecond(At(2)));
    }
}
