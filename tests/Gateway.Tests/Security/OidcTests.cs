using System.Security.Cryptography;
using System.Text;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security.Oidc;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Gateway.Tests.Security;

/// <summary>Tokens of an issuer: which are believed, what they say, and how often its keys are asked for.</summary>
public sealed class OidcTests : IDisposable
{
    private const string Issuer = "https://issuer.example", Good = """{"iss":"https://issuer.example","aud":"mesh","sub":"u-1","tenant":"acme","roles":["approver","other"],"exp":NOW+300}""";
    private readonly EngineConformance.ManualTime time = new();
    private readonly Publisher publisher = new();
    private readonly OidcTokens tokens;

    public OidcTests()
    {
        var options = new OidcOptions(new Uri(Issuer), "mesh");
        tokens = new OidcTokens(options, new IssuerKeys(options, new HttpMessageInvoker(publisher), time, NullLogger<IssuerKeys>.Instance), time);
    }

    public void Dispose() => publisher.Dispose();

    [Theory]
    [InlineData("RS256", "r1")]
    [InlineData("ES256", "e1")]
    public async Task A_good_token_says_who_its_holder_is(string algorithm, string key)
    {
        var caller = await tokens.Check(Token(algorithm, key, Good), World.Ct);
        Assert.Equal(("acme", "u-1", null, true), (caller.Tenant, caller.Name, caller.Key, caller.Authenticated));
        Assert.Equal([Contracts.CallerRole.Approver], caller.Roles);
    }

    [Theory]
    [InlineData("""{"iss":"https://issuer.example","aud":"mesh","sub":"u","tenant":"t","exp":NOW-31}""")]
    [InlineData("""{"iss":"https://issuer.example","aud":"mesh","sub":"u","tenant":"t","exp":NOW+300,"nbf":NOW+60}""")]
    [InlineData("""{"iss":"https://issuer.example","aud":"mesh","sub":"u","tenant":"t"}""")]
    [InlineData("""{"iss":"https://issuer.example/","aud":"mesh","sub":"u","tenant":"t","exp":NOW+300}""")]
    [InlineData("""{"aud":"mesh","sub":"u","tenant":"t","exp":NOW+300}""")]
    [InlineData("""{"iss":"https://issuer.example","aud":"other","sub":"u","tenant":"t","exp":NOW+300}""")]
    [InlineData("""{"iss":"https://issuer.example","sub":"u","tenant":"t","exp":NOW+300}""")]
    [InlineData("""{"iss":"https://issuer.example","aud":"mesh","sub":"u","exp":NOW+300}""")]
    [InlineData("""{"iss":"https://issuer.example","aud":"mesh","sub":"u","tenant":["t"],"exp":NOW+300}""")]
    [InlineData("""{"iss":"https://issuer.example","aud":"mesh","tenant":"t","exp":NOW+300}""")]
    public Task A_token_with_other_claims_is_not_believed(string claims) => Refused(Token("RS256", "r1", claims));

    [Fact]
    public async Task Only_RS256_and_ES256_by_a_published_key_count()
    {
        var good = Token("RS256", "r1", Good);
        await tokens.Check(good, World.Ct);
        var parts = good.Split('.');
        await Refused($"{Base64("""{"alg":"none","kid":"r1"}""")}.{parts[1]}.");
        await Refused($"{Base64("""{"alg":"none","kid":"r1"}""")}.{parts[1]}.{parts[2]}");
        // The public key as the secret of an HMAC: the classic confusion.
        var header = Base64("""{"alg":"HS256","kid":"r1"}""");
        await Refused($"{header}.{parts[1]}.{Url(HMACSHA256.HashData(publisher.Rsa.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes($"{header}.{parts[1]}")))}");
        await Refused(Token("ES256", "r1", Good));
        await Refused(Token("RS256", "nobody", Good));
        await Refused(Token("RS256", "", Good));
        await Refused(Token("RS256", "r1", Good, ""","crit":["x"],"x":1"""));
        await Refused($"{parts[0]}.{Base64(Good.Replace("NOW+300", "9999999999", StringComparison.Ordinal).Replace("acme", "initech", StringComparison.Ordinal))}.{parts[2]}");
        await Refused("x");
        await Refused("a.b.c");
        await Refused($"{parts[0]}.{parts[1]}.");
    }

    [Fact]
    public async Task The_issuer_is_asked_for_keys_once_a_minute_at_most_and_may_be_away()
    {
        publisher.Away = true;
        var away = await Assert.ThrowsAsync<ProblemException>(() => tokens.Check(Token("RS256", "r1", Good), World.Ct).AsTask());
        Assert.Equal((503, "issuer-unavailable"), (away.Status, away.Code));
        publisher.Away = false;
        await Assert.ThrowsAsync<ProblemException>(() => tokens.Check(Token("RS256", "r1", Good), World.Ct).AsTask());
        Assert.Equal(1, publisher.Asked);
        time.Advance(IssuerKeys.Floor);
        await tokens.Check(Token("RS256", "r1", Good), World.Ct);
        for (var i = 0; i < 20; i++) await Refused(Token("RS256", $"made-up-{i}", Good));
        Assert.Equal(2, publisher.Asked);

        // A new key is found after the floor; and while the issuer is away the old ones go on.
        publisher.Name = "r2";
        time.Advance(IssuerKeys.Floor);
        await tokens.Check(Token("RS256", "r2", Good), World.Ct);
        await Refused(Token("RS256", "r1", Good));
        publisher.Away = true;
        time.Advance(IssuerKeys.Freshness);
        await tokens.Check(Token("RS256", "r2", Good), World.Ct);
    }

    [Fact]
    public async Task A_caller_who_leaves_does_not_end_the_reading_that_others_wait_for()
    {
        publisher.Holds = new TaskCompletionSource();
        using var leaving = new CancellationTokenSource();
        var left = tokens.Check(Token("RS256", "nobody", Good), leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        var stays = tokens.Check(Token("RS256", "r1", Good), World.Ct).AsTask();
        publisher.Holds.SetResult();
        Assert.Equal(("acme", 1), ((await stays).Tenant, publisher.Asked));
    }

    [Theory]
    [InlineData("AGENTMESH_OIDC_ISSUER", "http://issuer.example", "https")]
    [InlineData("AGENTMESH_OIDC_ISSUER", "https://issuer.example", "AGENTMESH_OIDC_AUDIENCE")]
    [InlineData("AGENTMESH_OIDC_AUDIENCE", "mesh", "AGENTMESH_OIDC_ISSUER")]
    public void An_issuer_without_what_makes_it_safe_is_refused(string name, string value, string says) =>
        Assert.Contains(says, Assert.Throws<FormatException>(() => OidcOptions.Read(n => n == name ? value : null)).Message, StringComparison.Ordinal);

    private async Task Refused(string token)
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(() => tokens.Check(token, World.Ct).AsTask());
        Assert.Equal((401, "token-invalid"), (problem.Status, problem.Code));
    }

    private string Token(string algorithm, string key, string claims, string header = "")
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (sign, seconds) in new[] { ("+300", 300), ("+60", 60), ("-31", -31) }) claims = claims.Replace($"NOW{sign}", $"{now + seconds}", StringComparison.Ordinal);
        var text = $"{Base64($$"""{"alg":"{{algorithm}}","typ":"JWT","kid":"{{key}}"{{header}}}""")}.{Base64(claims)}";
        var bytes = Encoding.ASCII.GetBytes(text);
        return $"{text}.{Url(algorithm == "ES256" ? publisher.Curve.SignData(bytes, HashAlgorithmName.SHA256) : publisher.Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Base64(string text) => Url(Encoding.UTF8.GetBytes(text));

    private static string Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    /// <summary>The issuer's two documents.</summary>
    private sealed class Publisher : HttpMessageHandler
    {
        public RSA Rsa { get; } = RSA.Create(2048);
        public ECDsa Curve { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        public string Name { get; set; } = "r1";
        public bool Away { get; set; }
        public TaskCompletionSource? Holds { get; set; }
        public int Asked { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var discovery = request.RequestUri!.AbsolutePath == "/.well-known/openid-configuration";
            if (discovery) Asked++;
            if (Holds is { } held) await held.Task.WaitAsync(cancellationToken);
            if (Away) throw new HttpRequestException("It is away.");
            var (rsa, curve) = (Rsa.ExportParameters(false), Curve.ExportParameters(false));
            return new HttpResponseMessage
            {
                Content = new StringContent(discovery ? $$"""{"issuer":"{{Issuer}}","jwks_uri":"https://issuer.example/jwks"}""" : $$"""
                    {"keys":[{"kty":"RSA","kid":"{{Name}}","use":"sig","n":"{{Url(rsa.Modulus!)}}","e":"{{Url(rsa.Exponent!)}}"},
                     {"kty":"EC","kid":"e1","crv":"P-256","x":"{{Url(curve.Q.X!)}}","y":"{{Url(curve.Q.Y!)}}"},{"kty":"oct","kid":"o1","k":"c2VjcmV0"}]}
                    """),
            };
        }

        protected override void Dispose(bool disposing)
        {
            Rsa.Dispose();
            Curve.Dispose();
            base.Dispose(disposing);
        }
    }
}
