using AgentMesh.Gateway.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMesh.Gateway.Limits;

/// <summary>Memory for large bodies, of all requests together: any number of clients may send at once, and the process must not end by it.</summary>
internal sealed class BodyBudget(GatewayOptions options)
{
    /// <summary>Bodies up to this size count for nothing: what comes of them is bounded by the rate.</summary>
    public const long Small = 1024 * 1024;

    private long held;

    /// <summary>Makes sure that the request's body may grow to so many bytes.</summary>
    /// <exception cref="ProblemException">503: others hold too much now.</exception>
    public static void Grow(HttpContext http, long bytes)
    {
        if (bytes <= Small) return;
        if (http.Features.Get<Place>() is not { } place)
        {
            http.Features.Set(place = new Place(http.RequestServices.GetRequiredService<BodyBudget>()));
            http.Response.RegisterForDispose(place);
        }

        place.Grow(bytes);
    }

    /// <summary>Gives back what the request holds before it ends: what it goes on with is small.</summary>
    public static void Release(HttpContext http) => http.Features.Get<Place>()?.Dispose();

    /// <summary>One body alone always has a place, however large it may be.</summary>
    private bool Take(long more, long mine)
    {
        var now = Interlocked.Add(ref held, more);
        if (options.Limits.BodyBytes == 0 || now <= options.Limits.BodyBytes || now == mine + more) return true;
        Interlocked.Add(ref held, -more);
        return false;
    }

    private sealed class Place(BodyBudget all) : IDisposable
    {
        private long mine;

        public void Grow(long bytes)
        {
            if (bytes <= mine) return;
            if (!all.Take(bytes - mine, mine))
                throw new ProblemException(503, "overloaded", "Too many large bodies are under way here at once. Send this one again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) };
            mine = bytes;
        }

        public void Dispose() => Interlocked.Add(ref all.held, -Interlocked.Exchange(ref mine, 0));
    }
}
