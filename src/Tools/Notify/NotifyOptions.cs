namespace AgentMesh.Tools.Notify;

/// <summary>Where notifications go. At least one channel.</summary>
/// <param name="File">JSON lines are appended here; null for no such channel. A surface that follows the goal also shows the notification.</param>
/// <param name="Webhook">Receives a POST with the notification as JSON; null for no such channel.</param>
/// <param name="WebhookIsIdempotent">
/// True when the receiver drops a repeated <c>Idempotency-Key</c>. Few do, so the default is to treat a lost answer as unknown and never to send twice.
/// </param>
public sealed record NotifyOptions(string? File, Uri? Webhook = null, bool WebhookIsIdempotent = false, TimeSpan? Timeout = null);
