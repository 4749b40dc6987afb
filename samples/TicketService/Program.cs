using AgentMesh.Samples.TicketService;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(TicketServiceOptions.Help);
    return 0;
}

if (!TicketServiceOptions.TryParse(args, out var options, out var error))
{
    Console.Error.WriteLine(error);
    return 2;
}

try
{
    await using var app = TicketServiceHost.Build(options, TimeProvider.System);
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
{
    // A log that is locked, damaged or not writable, or a port in use: the operator's to mend, so a sentence and no stack.
    Console.Error.WriteLine($"ticket service: {e.Message}");
    return 1;
}
