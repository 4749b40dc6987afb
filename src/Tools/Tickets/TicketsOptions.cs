namespace AgentMesh.Tools.Tickets;

/// <param name="Url">Base address of the service; tickets are posted to <c>tickets</c> below it.</param>
/// <param name="Timeout">For one request.</param>
public sealed record TicketsOptions(Uri Url, TimeSpan? Timeout = null);
