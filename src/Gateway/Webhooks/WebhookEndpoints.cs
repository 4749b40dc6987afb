using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMesh.Gateway.Webhooks;

/// <summary><c>/v1/webhooks</c>: who is told of a tenant's goals, and how that goes.</summary>
public static class WebhookEndpoints
{
    private static readonly TimeSpan OldSecretLasts = TimeSpan.FromDays(1);

    /// <summary>Delivers, and serves the routes. The host registers <see cref="IWebhookStore"/>; without it there are no webhooks.</summary>
    public static IServiceCollection AddAgentMeshWebhooks(this IServiceCollection services, IWebhookStore store, IWebhookSender sender, WebhookOptions? options = null) =>
        services.AddSingleton(store).AddSingleton(sender).AddSingleton(options ?? new WebhookOptions()).AddHostedService<WebhookPump>();

    internal static void Map(RouteGroupBuilder v1, IServiceProvider services)
    {
        if (services.GetService<IWebhookStore>() is null) return;
        v1.MapPost("/webhooks", Create).For(CallerRole.Operator).Idempotent();
        v1.MapGet("/webhooks", List).For(CallerRole.Operator);
        v1.MapGet("/webhooks/{id}", async (string id, IWebhookStore store, CancellationToken ct) => Shown((await Known(id, store, ct)).Webhook)).For(CallerRole.Operator);
        v1.MapDelete("/webhooks/{id}", Delete).For(CallerRole.Operator);
        v1.MapPost("/webhooks/{id}/rotate", Rotate).For(CallerRole.Operator).Idempotent();
        v1.MapPost("/webhooks/{id}/test", Test).For(CallerRole.Operator);
        v1.MapPost("/webhooks/{id}/enable", Enable).For(CallerRole.Operator);
        v1.MapPost("/webhooks/{id}/replay", Replay).For(CallerRole.Operator);
    }

    /// <summary>201, with the secret: this once.</summary>
    private static async Task<IResult> Create(
        HttpContext http, Caller caller, IWebhookStore store, IWebhookSender sender, AuditTrail audit, GatewayOptions options, TimeProvider time, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.WebhookRequest, options.MaxBodyBytes, ct);
        var url = Url(body.Url, sender);
        var events = body.Events is { Count: > 0 } some ? some.Distinct(StringComparer.Ordinal).ToList() : [.. WebhookEvents.All];
        if (events.Find(e => !WebhookEvents.All.Contains(e, StringComparer.Ordinal)) is { } odd)
            throw ProblemException.Invalid("events-invalid", $"There is no event {(Input.IsName(odd) ? odd : "of that name")}. There are: {string.Join(", ", WebhookEvents.All)}.");
        var secret = WebhookSignature.NewSecret();
        var view = new WebhookView($"wh_{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(12))}", caller.TenantOr(body.Tenant), url.AbsoluteUri, events, time.GetUtcNow(), caller.Name);
        await audit.Do(caller, "webhook.create", () => store.Add(new StoredWebhook(view, secret), ct), ct, view.Tenant, detail: $"{view.Id} {url.Host}");
        return Made(view, secret, 201);
    }

    private static async Task<IResult> List(HttpContext http, IWebhookStore store, CancellationToken ct) =>
        TypedResults.Json(await store.List(Input.NameQuery(http, "tenant"), ct), GatewayJson.Default.IReadOnlyListWebhookView);

    private static async Task<IResult> Delete(string id, Caller caller, IWebhookStore store, AuditTrail audit, CancellationToken ct)
    {
        var known = await Known(id, store, ct);
        await audit.Do(caller, "webhook.delete", () => store.Remove(id, ct), ct, known.Webhook.Tenant, detail: id);
        return TypedResults.NoContent();
    }

    /// <summary>Messages are signed with both secrets, and those before, for a day, so that a receiver may change over when it likes.</summary>
    private static async Task<IResult> Rotate(string id, Caller caller, IWebhookStore store, AuditTrail audit, TimeProvider time, CancellationToken ct)
    {
        var known = await Known(id, store, ct);
        var secret = WebhookSignature.NewSecret();
        await audit.Do(caller, "webhook.rotate", () => store.Rotate(id, secret, time.GetUtcNow() + OldSecretLasts, ct), ct, known.Webhook.Tenant, detail: id);
        return Made(known.Webhook, secret, 200);
    }

    /// <summary>Sends one message now and says what became of it.</summary>
    private static async Task<IResult> Test(string id, IWebhookStore store, IWebhookSender sender, TimeProvider time, CancellationToken ct)
    {
        var known = await Known(id, store, ct);
        var now = time.GetUtcNow();
        var body = System.Text.Json.JsonSerializer.Serialize(new WebhookMessage(WebhookEvents.Test, now, new WebhookData(null, known.Webhook.Tenant)), MeshJson.Default.WebhookMessage);
        var tested = await sender.Send(new Uri(known.Webhook.Url), WebhookSignature.Headers(known, $"test_{now.ToUnixTimeMilliseconds()}", now, body), body, ct);
        return TypedResults.Json(tested, GatewayJson.Default.WebhookTested);
    }

    private static async Task<IResult> Enable(string id, Caller caller, IWebhookStore store, AuditTrail audit, CancellationToken ct)
    {
        var known = await Known(id, store, ct);
        await audit.Do(caller, "webhook.enable", () => store.Enable(id, ct), ct, known.Webhook.Tenant, detail: id);
        return Shown((await Known(id, store, ct)).Webhook);
    }

    private static async Task<IResult> Replay(HttpContext http, string id, Caller caller, IWebhookStore store, AuditTrail audit, GatewayOptions options, CancellationToken ct)
    {
        var known = await Known(id, store, ct);
        var body = await Body.Read(http, RequestJson.Default.WebhookReplay, options.MaxBodyBytes, ct);
        if (body.Since is null == body.After is null) throw ProblemException.Invalid("replay-invalid", "Give either since, a time, or after, the webhook-id of an event.");
        var replayed = 0;
        await audit.Do(caller, "webhook.replay", async () => replayed = await store.Replay(id, body.Since?.ToUniversalTime(), body.After, ct), ct, known.Webhook.Tenant, detail: id);
        return replayed >= 0 ? TypedResults.Json(new WebhookReplayed(replayed), GatewayJson.Default.WebhookReplayed)
            : throw ProblemException.Invalid("event-not-found", "This webhook has no such event any more: events are kept for 7 days after their delivery. Give a time with since.");
    }

    private static Uri Url(string text, IWebhookSender sender)
    {
        if (text.Length > 2000 || !Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) || url.UserInfo.Length > 0)
            throw ProblemException.Invalid("url-invalid", "url is the http or https address of the receiver, without a name or password in it, of at most 2000 characters.");
        return sender.Refusal(url) is { } refusal ? throw ProblemException.Invalid("url-refused", refusal) : url;
    }

    private static async Task<StoredWebhook> Known(string id, IWebhookStore store, CancellationToken ct) =>
        (Input.IsName(id) ? await store.Find(id, ct) : null) ?? throw new ProblemException(404, "webhook-not-found", "There is no such webhook. GET /v1/webhooks lists them.");

    private static IResult Made(WebhookView view, string secret, int status) =>
        TypedResults.Json(new WebhookMade(view, WebhookSignature.Prefix + secret), GatewayJson.Default.WebhookMade, statusCode: status);

    private static IResult Shown(WebhookView view) => TypedResults.Json(view, GatewayJson.Default.WebhookView);
}
