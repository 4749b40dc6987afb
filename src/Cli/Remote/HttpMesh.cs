using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Cli.Remote;

/// <summary>The mesh behind a server.</summary>
internal sealed class HttpMesh(ServerClient server, IGoalIds ids, TimeProvider time) : IMesh
{
    private const int LongestWait = 30;

    public Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default) => spec.Inputs.Count == 0
        ? Submit(spec, [], static _ => { }, goal, ct)
        : throw new MeshException("inputs-unsupported", "A server reads attachments itself: give it the files.");

    /// <summary>Submits with files that the server reads. The id is chosen here, so that a submit whose answer was lost can be repeated.</summary>
    /// <param name="warn">Told what was odd about a file.</param>
    public async Task<GoalId> Submit(GoalSpec spec, IReadOnlyList<AttachedFile> files, Action<string> warn, GoalId? goal, CancellationToken ct)
    {
        var request = JsonSerializer.SerializeToUtf8Bytes(
            new GoalRequest
            {
                Text = spec.Text, Goal = (goal ?? ids.Next()).Value, Tenant = ServerClient.Named(spec.Tenant), SubmittedBy = spec.SubmittedBy, Playbook = spec.Playbook,
                Wants = spec.Wants, Knowledge = spec.Knowledge, Constraints = ConstraintsRequest.From(spec.Constraints),
            },
            RemoteJson.Default.GoalRequest);
        using var response = await server.Send(
            () => new HttpRequestMessage(HttpMethod.Post, "v1/goals") { Content = Form(request, files) }, TimeSpan.FromSeconds(30), HttpCompletionOption.ResponseContentRead, ct);
        var accepted = await server.Read(response, RemoteJson.Default.GoalAccepted, ct);
        foreach (var warning in accepted.Warnings) warn(warning);
        return accepted.Goal;
    }

    public Task<GoalView> Get(GoalId goal, CancellationToken ct = default) => server.Get(Path(goal), MeshJson.Default.GoalView, ct);

    public async Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default)
    {
        var path = $"v1/goals?limit={query.Limit}";
        if (query.Tenant is { } tenant) path += $"&tenant={Uri.EscapeDataString(tenant)}";
        if (query.Statuses is { Count: > 0 } statuses) path += $"&status={string.Join(',', statuses)}";
        if (query.Text is { } text) path += $"&text={Uri.EscapeDataString(text)}";
        if (query.Since is { } since) path += $"&since={Uri.EscapeDataString(since.ToString("O", System.Globalization.CultureInfo.InvariantCulture))}";
        if (query.Asking) path += "&asking=true";
        if (query.Before is { } before) path += $"&before={GoalCursor.Encode(before)}";
        return (await server.Get(path, RemoteJson.Default.GoalListing, ct)).Goals;
    }

    public async IAsyncEnumerable<JournalEntry> Events(
        GoalId goal, long after = 0, bool follow = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var seen = after;
        for (var fruitless = 0; ; fruitless++)
        {
            if (fruitless > 0) await server.Pause(fruitless - 1, ct);
            using var stream = await Open(goal, seen, follow, ct);
            if (stream is null) yield break;
            var before = seen;
            while (await stream.Next(ct) is { } entry)
            {
                if (entry.Sequence <= seen) continue;
                seen = entry.Sequence;
                fruitless = 0;
                yield return entry;
                if (entry.Event is GoalEnded) yield break;
            }

            // Whoever follows comes back where it was: only the goal's end is the end. Others ask until there is nothing new: a server that shuts down ends its answer, too.
            if (!follow && stream.Complete && seen == before) yield break;
        }
    }

    public async Task<GoalView> Wait(GoalId goal, CancellationToken ct = default)
    {
        while (true)
        {
            var view = await server.Get($"{Path(goal)}/wait?timeout={LongestWait}", MeshJson.Default.GoalView, ct);
            if (view.EndedAt is not null || view.Status == GoalStatus.Waiting) return view;
        }
    }

    public Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default)
    {
        var verdict = decision.Verdict switch
        {
            ApprovalVerdict.Approved => "approve",
            ApprovalVerdict.Rejected => "reject",
            ApprovalVerdict.Edited => "edit",
            _ => throw new MeshException("verdict-invalid", "People approve, reject or edit; only the mesh withdraws."),
        };
        return server.Post(
            $"{Path(goal)}/requests/{Uri.EscapeDataString(decision.Request.Value)}/decision", new DecisionRequest(verdict, decision.By, decision.Reason, decision.Arguments),
            RemoteJson.Default.DecisionRequest, mayRepeat: true, ct);
    }

    public Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default) => server.Post(
        $"{Path(goal)}/requests/{Uri.EscapeDataString(answer.Request.Value)}/answer", new AnswerRequest(answer.Answer, answer.By), RemoteJson.Default.AnswerRequest, mayRepeat: true, ct);

    public Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default) =>
        server.Post($"{Path(goal)}/messages", new MessageRequest(message.Text, message.By), RemoteJson.Default.MessageRequest, mayRepeat: false, ct);

    public Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default) =>
        server.Post($"{Path(goal)}/cancel", new CancelRequest(request.Reason, request.By), RemoteJson.Default.CancelRequest, mayRepeat: true, ct);

    public async Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default)
    {
        var body = new GoalForkRequest(
            request.From.Value, request.Instruction, request.Constraints is { } all ? ConstraintsRequest.From(all) : null, (fork ?? ids.Next()).Value, request.By);
        return (await server.Post($"{Path(goal)}/fork", body, RemoteJson.Default.GoalForkRequest, RemoteJson.Default.GoalAccepted, ct)).Goal;
    }

    private async Task<EventReader?> Open(GoalId goal, long after, bool follow, CancellationToken ct)
    {
        var response = await server.Send(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, $"{Path(goal)}/events?follow={(follow ? "true" : "false")}");
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
                if (after > 0) request.Headers.Add("Last-Event-ID", after.ToString(System.Globalization.CultureInfo.InvariantCulture));
                return request;
            },
            // A goal may live for days, and so does whoever follows it.
            follow ? TimeSpan.MaxValue : TimeSpan.FromSeconds(30), HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.StatusCode != HttpStatusCode.NoContent) return await EventReader.Open(response, time, ct);
        response.Dispose();
        return null;
    }

    private static MultipartFormDataContent Form(byte[] request, IReadOnlyList<AttachedFile> files)
    {
        var form = new MultipartFormDataContent { { new ByteArrayContent(request), "request" } };
        foreach (var file in files) form.Add(new ReadOnlyMemoryContent(file.Bytes), file.Kind ?? "file", file.Name);
        return form;
    }

    private static string Path(GoalId goal) => $"v1/goals/{Uri.EscapeDataString(goal.Value)}";
}
