namespace AgentMesh.Samples.TicketService;

/// <summary>How a request to create a ticket ended.</summary>
public enum CreateOutcome
{
    Created,

    /// <summary>The key was used before with the same body; the ticket is the one from then.</summary>
    Replayed,

    /// <summary>The key was used before with another body.</summary>
    KeyReused,

    /// <summary>A request with this key is being worked on; ask again later.</summary>
    KeyInFlight,
}

/// <summary>
/// All tickets, in memory, as the log says. Every answer that <see cref="CreateAsync"/> or <see cref="Reject"/> leads to is in the log first.
/// </summary>
public sealed class TicketStore
{
    private const int FirstNumber = 1001;

    private readonly TicketLog _log;
    private readonly TimeProvider _time;
    private readonly TimeSpan _delay;
    private readonly Lock _gate = new();
    private readonly List<Ticket> _tickets = [];
    private readonly Dictionary<string, Ticket> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Ticket Ticket, string BodyHash)> _byKey = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inFlight = new(StringComparer.Ordinal);

    /// <summary>Rebuilds the tickets from what <paramref name="log"/> held when it was opened.</summary>
    /// <param name="log">Owned by the caller; written to by this store alone.</param>
    /// <param name="time">Stamps tickets and log lines, and runs <paramref name="delay"/>.</param>
    /// <param name="delay">Time between claiming a key and creating its ticket.</param>
    public TicketStore(TicketLog log, TimeProvider time, TimeSpan delay)
    {
        (_log, _time, _delay) = (log, time, delay);
        foreach (var entry in log.Entries)
        {
            if (entry.Ticket is { } ticket)
                Add(ticket, entry.BodyHash ?? "");
        }
    }

    /// <summary>
    /// Creates a ticket, or finds the one that <paramref name="key"/> already made. Not cancellable: a caller that hangs up
    /// does not stop the work, as with any real service, and learns the outcome by asking again with the same key.
    /// </summary>
    /// <exception cref="IOException">The log could not be written; no ticket was created.</exception>
    public async Task<(CreateOutcome Outcome, Ticket? Ticket)> CreateAsync(string? key, TicketDraft draft)
    {
        if (key is null)
            return (CreateOutcome.Created, await WorkAsync(key, draft));

        lock (_gate)
        {
            if (_inFlight.Contains(key))
                return (Refuse(CreateOutcome.KeyInFlight, 409, key, draft), null);
            if (_byKey.TryGetValue(key, out var earlier))
            {
                if (earlier.BodyHash != draft.BodyHash)
                    return (Refuse(CreateOutcome.KeyReused, 422, key, draft), null);
                _log.Append(new TicketLogEntry
                {
                    Time = _time.GetUtcNow(),
                    Outcome = "replayed",
                    Status = 200,
                    Key = key,
                    TicketId = earlier.Ticket.Id,
                    BodyHash = draft.BodyHash,
                });
                return (CreateOutcome.Replayed, earlier.Ticket);
            }

            _inFlight.Add(key);
        }

        try
        {
            return (CreateOutcome.Created, await WorkAsync(key, draft));
        }
        finally
        {
            lock (_gate)
                _inFlight.Remove(key);
        }
    }

    /// <summary>Notes a request that never became a draft.</summary>
    public void Reject(string? key, int status, string reason)
    {
        lock (_gate)
            _log.Append(new TicketLogEntry { Time = _time.GetUtcNow(), Outcome = "rejected", Status = status, Key = key, Reason = reason });
    }

    public Ticket? Find(string id)
    {
        lock (_gate)
            return _byId.GetValueOrDefault(id);
    }

    /// <summary>The ticket of a key. <paramref name="inFlight"/> means it may still come to be, so its absence proves nothing yet.</summary>
    public Ticket? FindByKey(string key, out bool inFlight)
    {
        lock (_gate)
        {
            inFlight = _inFlight.Contains(key);
            return _byKey.TryGetValue(key, out var found) ? found.Ticket : null;
        }
    }

    /// <summary>All tickets, oldest first.</summary>
    public IReadOnlyList<Ticket> All()
    {
        lock (_gate)
            return [.. _tickets];
    }

    private async Task<Ticket> WorkAsync(string? key, TicketDraft draft)
    {
        if (_delay > TimeSpan.Zero)
            await Task.Delay(_delay, _time);

        lock (_gate)
        {
            var ticket = new Ticket
            {
                Id = $"T-{FirstNumber + _tickets.Count}",
                Title = draft.Title,
                Body = draft.Body,
                Category = draft.Category,
                Urgency = draft.Urgency,
                AccountId = draft.AccountId,
                Customer = draft.Customer,
                CreatedAt = _time.GetUtcNow(),
                IdempotencyKey = key,
                Extra = draft.Extra,
            };
            _log.Append(new TicketLogEntry
            {
                Time = ticket.CreatedAt,
                Outcome = "created",
                Status = 201,
                Key = key,
                TicketId = ticket.Id,
                BodyHash = draft.BodyHash,
                Ticket = ticket,
            });
            Add(ticket, draft.BodyHash);
            return ticket;
        }
    }

    private CreateOutcome Refuse(CreateOutcome outcome, int status, string key, TicketDraft draft)
    {
        _log.Append(new TicketLogEntry
        {
            Time = _time.GetUtcNow(),
            Outcome = "rejected",
            Status = status,
            Key = key,
            BodyHash = draft.BodyHash,
            Reason = outcome == CreateOutcome.KeyReused ? "key used before with another body" : "key in flight",
        });
        return outcome;
    }

    private void Add(Ticket ticket, string bodyHash)
    {
        if (!_byId.TryAdd(ticket.Id, ticket) || (ticket.IdempotencyKey is { } key && !_byKey.TryAdd(key, (ticket, bodyHash))))
            throw new InvalidDataException($"The log creates ticket {ticket.Id} or its key twice. Repair the log, or move it away to start empty.");
        _tickets.Add(ticket);
    }
}
