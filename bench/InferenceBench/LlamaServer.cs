using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AgentMesh.InferenceBench;

/// <summary>llama-server with the same model, slots and threads, each slot with cells of its own, which is its default for a given number of slots, and the faster. Its streams are only counted, not parsed: the client is to cost it as little as can be.</summary>
internal sealed class LlamaServer : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private readonly Queue<string> _said;

    private LlamaServer(Process process, HttpClient http, Queue<string> said) => (_process, _http, _said) = (process, http, said);

    public static async Task<LlamaServer> Start(BenchSettings settings, string model, int slots, int cells)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var number = CultureInfo.InvariantCulture;
        var start = new ProcessStartInfo(Path.Combine(settings.Tools, "llama-server"),
        [
            "-m", model, "--host", "127.0.0.1", "--port", port.ToString(number), "-np", slots.ToString(number), "-c", cells.ToString(number),
            "-t", settings.Threads.ToString(number), "-tb", settings.Threads.ToString(number), "--no-webui",
        ])
        { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("llama-server did not start.");
        process.OutputDataReceived += static (_, _) => { };
        var said = new Queue<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (said)
            {
                said.Enqueue(line.Data ?? "");
                if (said.Count > 12) said.Dequeue();
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(10) };
        for (var tries = 0; ; tries++)
        {
            if (process.HasExited) throw new InvalidOperationException($"llama-server ended with {process.ExitCode}.");
            try
            {
                using var response = await http.GetAsync("/health");
                if (response.IsSuccessStatusCode) return new LlamaServer(process, http, said);
            }
            catch (HttpRequestException) when (tries < 600)
            {
                // It does not listen yet.
            }

            await Task.Delay(100);
        }
    }

    /// <param name="sampling">The request's sampling as JSON members; empty: greedy.</param>
    public async Task<Answer> Ask(Question question, string sampling, bool cache, string extra = "")
    {
        var body = $$"""{"prompt":[{{string.Join(',', question.Prompt)}}],"n_predict":{{question.Tokens}},"ignore_eos":true,"stream":true,"cache_prompt":{{(cache ? "true" : "false")}},{{(sampling.Length > 0 ? sampling : "\"temperature\":0")}}{{extra}}}""";
        var answer = new Answer();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/completion") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        // The server closes connections that waited; a request on such a one would fail.
        request.Headers.ConnectionClose = true;
        using var response = await Sent(request);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var (held, final) = (0, false);
        while (await stream.ReadAsync(buffer.AsMemory(held)) is > 0 and var read)
        {
            var text = buffer.AsSpan(0, held + read);
            for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..])
                if (Event(text[..end], answer)) final = true;
            text.CopyTo(buffer);
            held = text.Length;
        }

        answer.Ended();
        if (!final) throw new InvalidOperationException("llama-server broke off.");
        return answer;
    }

    /// <returns>Whether it is the last one, which has no token of its own.</returns>
    private static bool Event(ReadOnlySpan<byte> line, Answer answer)
    {
        var count = "\"tokens_predicted\":"u8;
        if (line.IndexOf("\"stop\":true"u8) >= 0) return true;
        // Bytes of a character that is not whole yet come with its last token.
        if (line.IndexOf(count) is >= 0 and var at && Utf8Parser.TryParse(line[(at + count.Length)..], out int tokens, out _)) answer.Tick(tokens);
        return false;
    }

    private async Task<HttpResponseMessage> Sent(HttpRequestMessage request)
    {
        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return response.EnsureSuccessStatusCode();
        }
        catch (HttpRequestException e)
        {
            await Task.Delay(500);
            lock (_said) throw new InvalidOperationException($"llama-server did not answer ({e.Message}). It said last:\n{string.Join('\n', _said)}", e);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
