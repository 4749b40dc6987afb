using System.Diagnostics.Metrics;
using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.InProcess;

/// <summary>A model's figures as metrics of the meter <c>AgentMesh.Inference</c>, by model and, where one is asked for, tenant.</summary>
internal sealed class LlamaMeter : IDecodeObserver, IDisposable
{
    public const string Name = "AgentMesh.Inference";

    private readonly Meter _meter = new(Name);
    private readonly KeyValuePair<string, object?> _model;
    private readonly Counter<long> _prompt;
    private readonly Counter<long> _reused;
    private readonly Counter<long> _generated;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _first;
    private readonly Histogram<double> _between;
    private readonly Histogram<double> _step;
    private readonly Histogram<int> _batch;

    public LlamaMeter(string model)
    {
        _model = new("model", model);
        _prompt = _meter.CreateCounter<long>("agentmesh.inference.prompt_tokens", "{token}", "Tokens of prompts, those from the cache included.");
        _reused = _meter.CreateCounter<long>("agentmesh.inference.reused_tokens", "{token}", "Tokens of prompts that were in the cache.");
        _generated = _meter.CreateCounter<long>("agentmesh.inference.generated_tokens", "{token}", "Tokens generated.");
        _requests = _meter.CreateCounter<long>("agentmesh.inference.requests", "{request}", "Requests that ended, by how.");
        _first = _meter.CreateHistogram<double>("agentmesh.inference.time_to_first_token", "s", "From a request's arrival to its first token.");
        _between = _meter.CreateHistogram<double>("agentmesh.inference.time_per_token", "s", "From one token of a request to its next.");
        _step = _meter.CreateHistogram<double>("agentmesh.inference.step_duration", "s", "One decode call.");
        _batch = _meter.CreateHistogram<int>("agentmesh.inference.batch_size", "{request}", "Requests that generate in one decode call.");
    }

    public void Watch(Func<DecodeStats> stats)
    {
        Gauge("queued", "{request}", "Requests that wait.", s => s.Queued);
        Gauge("running", "{request}", "Requests in the batch.", s => s.Running);
        Gauge("cells", "{token}", "Tokens that the KV pool can hold.", s => s.Cells);
        Gauge("used_cells", "{token}", "Tokens that it holds.", s => s.UsedCells);
        Gauge("cached_cells", "{token}", "Of them, those that requests may share.", s => s.CachedCells);

        void Gauge(string name, string unit, string description, Func<DecodeStats, int> value) =>
            _meter.CreateObservableGauge($"agentmesh.inference.{name}", () => new Measurement<int>(value(stats()), _model), unit, description);
    }

    public void Stepped(int prompt, int generating, TimeSpan took)
    {
        _step.Record(took.TotalSeconds, _model);
        if (generating > 0) _batch.Record(generating, _model);
    }

    public void Token(GenerationRequest request, bool first, TimeSpan since)
    {
        var tenant = Tenant(request);
        (first ? _first : _between).Record(since.TotalSeconds, _model, tenant);
        _generated.Add(1, _model, tenant);
    }

    public void Ended(GenerationRequest request, GenerationOutcome outcome)
    {
        var tenant = Tenant(request);
        _prompt.Add(outcome.Prompt, _model, tenant);
        _reused.Add(outcome.Reused, _model, tenant);
        _requests.Add(1, _model, tenant, new("end", outcome.End.ToString()));
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tenant(GenerationRequest request) => new("tenant", request.Tenant);
}
