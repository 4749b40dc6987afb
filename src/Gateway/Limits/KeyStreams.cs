using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Limits;

/// <summary>A limit for each key, within the one over all clients together.</summary>
internal sealed class KeyStreams(AllStreams all, GatewayOptions options) : IStreamLimit
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);

    public IDisposable Enter(HttpContext http)
    {
        var (most, caller) = (options.Limits.StreamsPerKey, Caller.Of(http));
        var account = caller.Account;
        if (most == 0 || !caller.Authenticated) return all.Enter(http);
        lock (gate)
        {
            var mine = open.GetValueOrDefault(account);
            if (mine >= most)
                throw new ProblemException(429, "streams-too-many", $"This key has {mine} event streams open, which is its limit. Close one, or ask with `follow=false` or `wait`.") { RetryAfter = TimeSpan.FromSeconds(5) };
            open[account] = mine + 1;
        }

        try
        {
            return new Place(this, account, all.Enter(http));
        }
        catch
        {
            Leave(account);
            throw;
        }
    }

    private void Leave(string account)
    {
        lock (gate)
            if (--open[account] == 0) open.Remove(account);
    }

    private sealed class Place(KeyStreams streams, string account, IDisposable inner) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) != 0) return;
            inner.Dispose();
            streams.Leave(account);
        }
    }
}
