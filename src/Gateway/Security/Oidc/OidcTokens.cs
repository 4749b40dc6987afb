using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AgentMesh.Gateway.Security.Oidc;

/// <summary>Knows callers by the tokens of one issuer: signed with RS256 or ES256 by a key that it publishes, for this audience, now.</summary>
internal sealed class OidcTokens(OidcOptions options, IssuerKeys keys, TimeProvider time)
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 16 * 1024 };

    /// <exception cref="ProblemException">401: the token is none of ours; 503: its issuer's keys cannot be read.</exception>
    public async ValueTask<Caller> Check(string text, CancellationToken ct)
    {
        var token = Read(text);
        // Before any key is looked for: whoever can choose the algorithm can choose none.
        if (token.Alg is not (SecurityAlgorithms.RsaSha256 or SecurityAlgorithms.EcdsaSha256)) throw Bad("it is not signed with RS256 or ES256");
        if (string.IsNullOrEmpty(token.Kid)) throw Bad("it does not name its key");
        if (Part(token.EncodedHeader).ContainsKey("crit")) throw Bad("it has critical headers that are not known here");
        var key = await keys.Find(token.Kid, ct) ?? throw Bad("it is signed with a key that its issuer does not publish");
        var result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
            IssuerSigningKey = key, RequireSignedTokens = true, RequireExpirationTime = true, TryAllIssuerSigningKeys = false,
            ValidIssuer = options.Issuer.OriginalString, ValidAudience = options.Audience, ValidateIssuer = true, ValidateAudience = true, ValidateIssuerSigningKey = true,
            LifetimeValidator = (from, until, _, _) => until > time.GetUtcNow().UtcDateTime - Skew && !(from > time.GetUtcNow().UtcDateTime + Skew),
        });
        return result.IsValid ? CallerOf(Part(token.EncodedPayload)) : throw Bad(Reason(result.Exception));
    }

    private JsonWebToken Read(string text)
    {
        try
        {
            return handler.ReadJsonWebToken(text);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            throw Bad("it is no JWT");
        }
    }

    private Caller CallerOf(Dictionary<string, JsonElement> token)
    {
        var tenant = Claim(token, options.TenantClaim) is { ValueKind: JsonValueKind.String } named && named.GetString() is { } one && Input.IsName(one) ? one
            : throw Bad($"its claim {options.TenantClaim} names no tenant");
        var name = Claim(token, options.NameClaim) is { ValueKind: JsonValueKind.String } called && called.GetString() is { } who && Input.IsName(who) ? who
            : throw Bad($"its claim {options.NameClaim} names nobody");
        return new Caller(tenant, name, Roles(Claim(token, options.RolesClaim)));
    }

    private static HashSet<CallerRole> Roles(JsonElement? claim)
    {
        IEnumerable<string?> names = claim switch
        {
            { ValueKind: JsonValueKind.String } words => words.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Where(r => r.ValueKind == JsonValueKind.String).Select(r => r.GetString()),
            _ => [],
        };
        // An issuer has roles for other services, too.
        return [.. names.SelectMany(n => Enum.GetValues<CallerRole>().Where(r => r.ToString().Equals(n, StringComparison.OrdinalIgnoreCase)))];
    }

    private static JsonElement? Claim(Dictionary<string, JsonElement> token, string name) => token.TryGetValue(name, out var value) ? value : null;

    /// <summary>Read here and strictly: of a claim that comes twice, one reader may believe the first and another the second.</summary>
    private static Dictionary<string, JsonElement> Part(string encoded)
    {
        try
        {
            using var json = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(encoded), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            return json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone(), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw Bad("it is no JWT");
        }
    }

    private static string Reason(Exception? e) => e switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenNoExpirationException => "its time is over, or has not come, or it has none",
        SecurityTokenInvalidAudienceException => "it is for another audience",
        SecurityTokenInvalidIssuerException => "another issuer made it",
        _ => "its signature does not hold",
    };

    private static ProblemException Bad(string why) => Authenticator.Unknown("token-invalid", $"The token is not believed: {why}. Get a new one from your issuer.");
}
