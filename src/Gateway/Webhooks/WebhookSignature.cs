using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentMesh.Runtime;

namespace AgentMesh.Gateway.Webhooks;

/// <summary>Signs as the Standard Webhooks say: HMAC-SHA256 over the id, the time in seconds and the body, with each secret that is good now.</summary>
internal static class WebhookSignature
{
    public const string Prefix = "whsec_";

    public static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public static Dictionary<string, string> Headers(StoredWebhook webhook, string id, DateTimeOffset now, string body)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = string.Join(' ', (webhook.OldSecrets ?? []).Prepend(webhook.Secret).Select(s => Sign(s, id, seconds, body)));
        return new Dictionary<string, string>(StringComparer.Ordinal) { ["webhook-id"] = id, ["webhook-timestamp"] = seconds, ["webhook-signature"] = signature };
    }

    public static string Sign(string secret, string id, string seconds, string body) =>
        $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret), Encoding.UTF8.GetBytes($"{id}.{seconds}.{body}")))}";
}
