using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Templates;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Inference.InProcess;

/// <summary>One model, served in this process: its weights, its decode loop, its template and its grammars. Safe for use in parallel.</summary>
public sealed class LlamaEngine : IDisposable
{
    private readonly LlamaModel _model;
    private readonly DecodeLoop _loop;
    private readonly LlamaMeter _meter;
    private readonly LlamaChatClient _chat;
    private readonly LlamaBench _bench;

    private LlamaEngine(LlamaModel model, LlamaEngineOptions options, TimeProvider time, Func<long> seeds)
    {
        _model = model;
        Name = options.Name ?? Path.GetFileNameWithoutExtension(model.Path);
        Slots = options.Decode.Running;
        var tokenizer = model.Tokenizer;
        // What may be broken in a model comes before what must be disposed of.
        var template = new ChatTemplate(model.ChatTemplate, new ChatTemplateOptions(
            Text(tokenizer.Begin), Text(tokenizer.End), options.TemplateSwitches, Time: time));
        var (prompts, grammars) = (new PromptTokens(tokenizer), new ChatGrammars(tokenizer));
        var sequences = options.Decode.Running + (options.Cached ?? (options.Separate ? 0 : 64));
        var context = new LlamaContext(model, new LlamaContextOptions(
            options.Context, sequences, options.BatchTokens, options.Decode.Running, options.Threads, options.Precise, options.Separate));
        // Cells beyond what the model was trained for let more requests in, not longer ones.
        var longest = model.ContextLength > 0 ? Math.Min(context.SequenceCells, model.ContextLength) : context.SequenceCells;
        _meter = new LlamaMeter(Name);
        _loop = new DecodeLoop(context, tokenizer.IsEnd, options.Decode, time, _meter);
        _meter.Watch(() => _loop.Stats);
        _bench = new LlamaBench(_loop, tokenizer, time);
        _chat = new LlamaChatClient(new ChatRequests(Name, template, prompts, grammars, longest, options.MaxOutputTokens, seeds), tokenizer, _loop);

        string Text(int? token) => token is { } id ? tokenizer.Name(id) : "";
    }

    /// <summary>What requests call it.</summary>
    public string Name { get; }

    /// <summary>
    /// Chat with it. Not to be disposed of by its users. Shares it out by tenants where it is asked for <see cref="Serving.ITenantEngine"/>. A
    /// <see cref="ChatOptions.ResponseFormat"/> of JSON is obeyed by every answer, without a thought before it; together with tools that may or may not be called it is
    /// refused (<see cref="Agents.Models.ModelErrorKind.Rejected"/>), and where a call is required the call is the answer.
    /// </summary>
    public IChatClient Chat => _chat;

    public DecodeStats Stats => _loop.Stats;

    /// <summary>Architecture, size and quantization in a few words.</summary>
    public string Description => _model.Description;

    /// <summary>Requests that it works on together.</summary>
    public int Slots { get; }

    /// <summary><c>cpu</c>, <c>gpu0</c>, ….</summary>
    public string Device => _model.Device.Name;

    /// <summary>Chat with it on a tenant's share.</summary>
    public IChatClient For(string tenant, InferencePriority priority = InferencePriority.Normal) => _chat.For(tenant, priority);

    /// <summary>Loads a model, which takes as long as reading its file. Blocks.</summary>
    /// <param name="progress">Gets the share that is read, 0 to 1.</param>
    /// <param name="seeds">For requests that name none; null: random ones.</param>
    /// <exception cref="Gguf.GgufException">The file is not what it says.</exception>
    /// <exception cref="LlamaException">The library, the device or the model is of no use; the message says why.</exception>
    /// <exception cref="Templates.Jinja.TemplateException">The model's template is broken.</exception>
    public static LlamaEngine Load(
        string path, LlamaEngineOptions? options = null, TimeProvider? time = null, ILoggerFactory? logs = null, IProgress<float>? progress = null,
        Func<long>? seeds = null, CancellationToken ct = default)
    {
        options ??= new LlamaEngineOptions();
        var library = LlamaLibrary.Load(log: (logs ?? NullLoggerFactory.Instance).CreateLogger("AgentMesh.Inference.LlamaCpp"));
        var model = LlamaModel.Load(library, path, new LlamaModelOptions(options.Device, Trusted: options.Trusted, GpuLayers: options.GpuLayers), progress, ct);
        try
        {
            return new LlamaEngine(model, options, time ?? TimeProvider.System, seeds ?? Random.Shared.NextInt64);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Measures it with so many requests at once, of so many tokens each. One measurement at a time, and nothing else meanwhile.</summary>
    /// <exception cref="PromptTooLongException">One request has more tokens than the context.</exception>
    /// <exception cref="LlamaException">The model failed.</exception>
    public Task<BenchFigures> Bench(int parallel, int prompt, int generate, CancellationToken ct) => _bench.Run(parallel, prompt, generate, ct);

    /// <summary>Ends its requests, then frees the model.</summary>
    public void Dispose()
    {
        _loop.Dispose();
        _model.Dispose();
        _meter.Dispose();
    }
}
