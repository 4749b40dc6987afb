using System.Text;
using System.Text.Json;

namespace AgentMesh.ScriptedModel;

/// <summary>
/// What the server does about one request, byte by byte. The factories give well-formed answers;
/// <see cref="Raw"/> with its steps gives any misbehaviour, down to where a chunk is cut.
/// </summary>
public sealed class Reply
{
    private readonly List<Func<Stream, Wire, CancellationToken, Task>> _steps = [];

    /// <summary>How the connection ends once the steps are done.</summary>
    internal bool Resets { get; private set; }

    // ---- whole answers

    /// <summary>An answer of text, with usage.</summary>
    public static Reply Text(string text, string finishReason = "stop", int inputTokens = 11, int outputTokens = 7) =>
        Json(Completion($$$"""{"role":"assistant","content":{{{Quote(text)}}}}""", finishReason, inputTokens, outputTokens));

    /// <summary>An answer that calls tools; arguments go out as the string they are, well-formed or not.</summary>
    public static Reply ToolCalls(params (string Name, string Arguments)[] calls) =>
        Json(Completion($$"""{"role":"assistant","content":null,"tool_calls":[{{string.Join(',', calls.Select((c, i) =>
            $$$"""{"id":"call_{{{i}}}","type":"function","function":{"name":{{{Quote(c.Name)}}},"arguments":{{{Quote(c.Arguments)}}}}}"""))}}]}""", "tool_calls", 11, 7));

    public static Reply Json(string body, int status = 200, params (string Name, string Value)[] headers) =>
        Whole(body, "application/json", status, headers);

    /// <summary>The API's error object.</summary>
    public static Reply Error(int status, string message, params (string Name, string Value)[] headers) =>
        Json($$$"""{"error":{"message":{{{Quote(message)}}},"type":"scripted"}}""", status, headers);

    public static Reply Whole(string body, string contentType, int status = 200, params (string Name, string Value)[] headers)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return Raw().Head(status, [("Content-Type", contentType), ("Content-Length", $"{bytes.Length}"), .. headers]).Bytes(bytes);
    }

    // ---- streams

    /// <summary>A well-formed stream of text, with usage in its last chunk.</summary>
    public static Reply Streamed(params string[] parts)
    {
        var reply = Stream();
        foreach (var part in parts) reply.Delta(part);
        return reply.Event("""{"id":"s1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""")
            .Event("""{"id":"s1","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}""").Event("[DONE]").End();
    }

    /// <summary>Begins a stream of events; continue with <see cref="Delta"/> and <see cref="Event"/>, then <see cref="End"/>, <see cref="Cut"/> or <see cref="Hang"/>.</summary>
    public static Reply Stream() => Raw().Head(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));

    /// <summary>An event with a piece of text.</summary>
    public Reply Delta(string text) => Event($$$"""{"id":"s1","model":"scripted","choices":[{"index":0,"delta":{"content":{{{Quote(text)}}}}}]}""");

    /// <summary>An event, in a chunk of its own.</summary>
    public Reply Event(string data) => Chunk(Encoding.UTF8.GetBytes($"data: {data}\n\n"));

    /// <summary>A chunk of a chunked body; the border may fall anywhere, even inside a character.</summary>
    public Reply Chunk(ReadOnlyMemory<byte> bytes) => Step(async (to, _, ct) =>
    {
        await to.WriteAsync(Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), ct);
        await to.WriteAsync(bytes, ct);
        await to.WriteAsync("\r\n"u8.ToArray(), ct);
        await to.FlushAsync(ct);
    });

    /// <summary>Ends a chunked body as agreed.</summary>
    public Reply End() => Bytes("0\r\n\r\n"u8.ToArray());

    // ---- misbehaviour

    public static Reply Raw() => new();

    public Reply Head(int status, params (string Name, string Value)[] headers)
    {
        var head = new StringBuilder($"HTTP/1.1 {status} Scripted\r\nConnection: close\r\n");
        foreach (var (name, value) in headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        return Bytes(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
    }

    public Reply Bytes(ReadOnlyMemory<byte> bytes) => Step(async (to, _, ct) =>
    {
        await to.WriteAsync(bytes, ct);
        await to.FlushAsync(ct);
    });

    /// <summary>The same chunk again and again, until the reader goes away.</summary>
    public Reply Endless(byte[] bytes) => Step(async (to, _, ct) =>
    {
        while (!ct.IsCancellationRequested) await to.WriteAsync(bytes, ct);
    });

    /// <summary>Says nothing more, and keeps the connection until the client or the server goes away.</summary>
    public Reply Hang() => Step(static (_, wire, ct) =>
    {
        wire.Hung();
        return Task.Delay(Timeout.Infinite, ct);
    });

    /// <summary>Waits for the test before it goes on.</summary>
    public Reply Await(Task signal) => Step((_, _, ct) => signal.WaitAsync(ct));

    /// <summary>Closes the connection in the orderly way, wherever the answer stands. It is the default; this says it aloud.</summary>
    public Reply Cut() => this;

    /// <summary>Breaks the connection: the client sees it reset.</summary>
    public Reply Reset()
    {
        Resets = true;
        return this;
    }

    internal async Task Play(Stream to, Wire wire, CancellationToken ct)
    {
        foreach (var step in _steps) await step(to, wire, ct);
    }

    private Reply Step(Func<Stream, Wire, CancellationToken, Task> step)
    {
        _steps.Add(step);
        return this;
    }

    private static string Completion(string message, string finishReason, int input, int output) => $$$"""
        {"id":"c1","object":"chat.completion","created":1,"model":"scripted","choices":[{"index":0,"message":{{{message}}},"finish_reason":"{{{finishReason}}}"}],
         "usage":{"prompt_tokens":{{{input}}},"completion_tokens":{{{output}}},"total_tokens":{{{input + output}}}}}
        """;

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    /// <summary>What a step can tell the server.</summary>
    internal sealed record Wire(Action Hung);
}
