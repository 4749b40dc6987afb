using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AgentMesh.Gateway.Goals;

/// <summary>
/// A submit as JSON with base64 attachments, or as <c>multipart/form-data</c>: a part <c>request</c> with the same JSON (or, for short, <c>text</c> alone)
/// and any number of files. A file's part is named by the kind that it must be read as, or <c>file</c>.
/// </summary>
internal static class SubmitBody
{
    public static async Task<GoalRequest> Read(HttpContext http, GatewayOptions options, CancellationToken ct)
    {
        var request = http.Request.HasFormContentType
            ? await Form(http, options, ct) : await Body.Read(http, RequestJson.Default.GoalRequest, options.MaxSubmitBytes, ct);
        return request.Attachments is not { Count: var count } || count <= options.MaxAttachments
            ? request : throw ProblemException.Invalid("attachments-too-many", $"{count} attachments; the limit is {options.MaxAttachments}.");
    }

    private static async Task<GoalRequest> Form(HttpContext http, GatewayOptions options, CancellationToken ct)
    {
        Body.Allow(http, options.MaxSubmitBytes);
        // A form does not tell while it grows.
        BodyBudget.Grow(http, http.Request.ContentLength ?? options.MaxSubmitBytes);
        // Kept in memory, as a JSON body is: the file system may be read-only.
        var limits = new FormOptions
        {
            BufferBody = false, MemoryBufferThreshold = options.MaxSubmitBytes, MultipartBodyLengthLimit = options.MaxSubmitBytes, BufferBodyLengthLimit = options.MaxSubmitBytes,
            ValueLengthLimit = options.MaxBodyBytes, ValueCountLimit = 64, KeyLengthLimit = 256,
        };
        try
        {
            var form = await http.Request.ReadFormAsync(limits, ct);
            if (form.Files.Sum(f => f.Length) > options.MaxSubmitBytes) throw Body.TooLarge(options.MaxSubmitBytes);
            var request = Request(form);
            var files = new List<AttachmentRequest>(request.Attachments ?? []);
            foreach (var file in form.Files) files.Add(await Attachment(file, ct));
            return request with { Attachments = files };
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw ProblemException.Bad("form-invalid", $"The form cannot be read: {e.Message}", e);
        }
    }

    private static GoalRequest Request(IFormCollection form)
    {
        if (form.Keys.FirstOrDefault(k => k is not ("request" or "text")) is { } odd)
            throw ProblemException.Bad("form-invalid", $"The form has a field '{odd}'; it takes `request` with the JSON of a submit, or `text`, and files.");
        if (form.TryGetValue("request", out var json) && json is [{ } one])
            return Body.Parse(System.Text.Encoding.UTF8.GetBytes(one), RequestJson.Default.GoalRequest);
        return form.TryGetValue("text", out var text) && text is [{ } words]
            ? new GoalRequest { Text = words } : throw ProblemException.Bad("form-invalid", "The form says nothing: give one field `request` with the JSON of a submit, or one `text`.");
    }

    private static async Task<AttachmentRequest> Attachment(IFormFile file, CancellationToken ct)
    {
        using var bytes = new MemoryStream((int)file.Length);
        await file.CopyToAsync(bytes, ct);
        return new AttachmentRequest(file.FileName, bytes.ToArray(), file.Name is "file" or "" ? null : file.Name);
    }
}
