using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AgentMesh.InferenceBench;

/// <summary>llama-server with the same model, slots and threads. Its streams are only counted, not parsed: the client is to cost it as little as can be.</summary>
internal sealed class LlamaServer : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private LlamaServer(Process process, HttpClient http) => (_process, _http) = (process, http);

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
            "-t", settings.Threads.ToString(number), "-tb", settings.Threads.ToString(number), "-b", "512", "-ub", "512", "--no-warmup", "-kvu",
        ])
        { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("llama-server did not start.");
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(10) };
        for (var tries = 0; ; tries++)
        {
            if (process.HasExited) throw new InvalidOperationException($"llama-server ended with {process.ExitCode}.");
            try
            {
                using var response = await http.GetAsync("/health");
                if (response.IsSuccessStatusCode) return new LlamaServer(process, http);
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
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var line = 0;
        var final = false;
        while (await stream.ReadAsync(buffer) is > 0 and var read)
        {
            // An event is a line "data: {...}"; the last one says "stop":true and has no token of its own.
            var text = buffer.AsSpan(0, read);
            final |= text.IndexOf("\"stop\":true"u8) >= 0;
            for (var i = 0; i < read; i++)
            {
                if (text[i] == (byte)'\n')
                {
                    if (line > 2) answer.Tick();
                    line = 0;
                }
                else line++;
            }
        }

        answer.Ended();
        if (!final) throw new InvalidOperationException("llama-server broke off.");
        return answer;
    }

    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    public void Dispose()
    {
        _http.Dispose();
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
