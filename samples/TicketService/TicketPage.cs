using System.Net;
using Microsoft.Net.Http.Headers;

namespace AgentMesh.Samples.TicketService;

/// <summary>A ticket for a browser. Everything in it came from outside, so all text is encoded and the page may load and run nothing.</summary>
internal static class TicketPage
{
    /// <summary>Whether the caller's Accept header ranks HTML above JSON.</summary>
    public static bool Preferred(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return false;
        double Quality(string type) => accepted
            .Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
            .Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
        return Quality("text/html") > Quality("application/json");
    }

    public static Task WriteAsync(HttpResponse response, Ticket ticket)
    {
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        return response.WriteAsync($$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>{{Text(ticket.Id)}}: {{Text(ticket.Title)}}</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
            dt { color: #666; } dd { margin: 0; }
            pre { white-space: pre-wrap; font: inherit; border-top: 1px solid #ccc; padding-top: 1rem; }
            </style>
            </head>
            <body>
            <h1>{{Text(ticket.Title)}}</h1>
            <dl>
            <dt>Ticket</dt><dd>{{Text(ticket.Id)}}</dd>
            <dt>Status</dt><dd>{{Text(ticket.Status)}}</dd>
            <dt>Category</dt><dd>{{Text(ticket.Category)}}</dd>
            <dt>Urgency</dt><dd>{{Text(ticket.Urgency)}}</dd>
            <dt>Customer</dt><dd>{{Text(ticket.Customer ?? "not known")}}</dd>
            <dt>Account</dt><dd>{{Text(ticket.AccountId ?? "not known")}}</dd>
            <dt>Created</dt><dd>{{ticket.CreatedAt:yyyy-MM-dd HH:mm:ss}} UTC</dd>
            </dl>
            <pre>{{Text(ticket.Body)}}</pre>
            </body>
            </html>
            """);
    }

    private static string Text(string value) => WebUtility.HtmlEncode(value);
}
