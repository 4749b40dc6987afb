using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace AgentMesh.InferenceBench;

/// <summary>
/// What llama.cpp says that a model's weights take, which may be more than the file has: weights that are the embeddings and the output in one are kept twice where the
/// output's are arranged for the processor.
/// </summary>
internal sealed partial class ModelBuffers : ILogger
{
    public double Megabytes { get; private set; }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Size().Match(formatter(state, exception)) is { Success: true } said)
            Megabytes += double.Parse(said.Groups["size"].ValueSpan, CultureInfo.InvariantCulture) * 1024 * 1024 / 1e6;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    [GeneratedRegex(@" model buffer size = +(?<size>[0-9.]+) MiB", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Size();
}
