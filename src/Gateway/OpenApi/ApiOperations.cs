using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;

namespace AgentMesh.Gateway.OpenApi;

/// <summary>What the API's description says of every route, in the order in which people read it.</summary>
internal static class ApiOperations
{
    private const string Goals = "Goals", People = "People", Catalogue = "Catalogue", Knowledge = "Knowledge", Machines = "Machines", Callers = "Callers", Health = "Health";

    /// <summary>These are there where the host has a store for them.</summary>
    public const string Webhooks = "Webhooks";

    private const string Events = "text/event-stream";

    private const string Resuming = "The event id is the place to go on from: give the last one as `Last-Event-ID`, and nothing is missing and nothing comes twice. A comment comes every 15 seconds where it is quiet.";

    public static readonly IReadOnlyList<(string Name, string Description)> Tags =
    [
        (Goals, "Submitting goals, following them, and seeing how and why they went."),
        (People, "What goals ask of people, and what people tell them."),
        (Catalogue, "Roles, tools and playbooks that plans are made of."),
        (Knowledge, "Documents that agents may look up."),
        (Machines, "The machines under the mesh, and what was spent."),
        (Callers, "Who may call, and who did what."),
        (Webhooks, "Other systems that are told of goals and of what they ask."),
        (Health, "Probes for who keeps the server running."),
    ];

    public static readonly IReadOnlyDictionary<string, string> PathParameters = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["id"] = "The id of the goal, the key or the webhook.", ["request"] = "The id of the approval or question, unique within its goal.", ["artifact"] = "The artifact's id, unique within its goal.", ["name"] = "The silo's name.",
    };

    private static readonly ApiParameter Follow = ApiParameter.Flag("follow", true, "Go on until the goal ends; else end with what there is.");

    private static readonly JsonObject SubmitForm = (JsonObject)JsonNode.Parse("""
        {"type":"object","properties":{
          "request":{"type":"string","description":"The same JSON as the other body, without attachments."},
          "text":{"type":"string","description":"The goal's text alone, instead of `request`."},
          "file":{"type":"array","items":{"type":"string","format":"binary"},"description":"Attachments. A file's field may also be named by the artifact kind that it must be read as."}}}
        """)!;

    public static readonly IReadOnlyList<ApiOperation> All =
    [
        new("POST", "/v1/goals", Goals, "submitGoal", "Submit a goal")
        {
            Description = "Accepted means durable: the goal reaches an end whatever crashes. Attachments travel as base64, or the whole as a form with files.",
            Parameters = [ApiParameter.Key], Body = RequestJson.Default.GoalRequest, Form = SubmitForm, Status = 201, Success = "The goal is in the journal; `Location` says where it is.",
            Answer = GatewayJson.Default.GoalAccepted,
            Example = """{"text":"Answer this customer and open a ticket if it is a defect.","playbook":"support","constraints":{"approvals":"Ask","budget":{"modelCalls":20}},"attachments":[{"name":"mail.txt","content":"SGVsbG8="}]}""",
        },
        new("GET", "/v1/goals", Goals, "listGoals", "List goals")
        {
            Description = "By time of submission, newest first.",
            Parameters =
            [
                ApiParameter.Query("status", """{"type":"array","items":{"$ref":"#/components/schemas/GoalStatus"}}""", "Only goals in one of these states; also separated by commas."),
                ApiParameter.Query("text", """{"type":"string","maxLength":200}""", "Only goals whose text (its first 200 characters) contains each of these words."),
                ApiParameter.Query("since", """{"type":"string","format":"date-time"}""", "Only goals that were submitted then or later."),
                ApiParameter.Flag("asking", false, "Only goals that have not ended and ask something of a person."),
                ApiParameter.Tenant, ApiParameter.Number("limit", 1, 1000, 50, "Goals on a page."), ApiParameter.Before,
            ],
            Success = "One page.", Answer = GatewayJson.Default.GoalListing,
        },
        new("GET", "/v1/goals/{id}", Goals, "getGoal", "Everything about one goal") { Success = "The goal as it stands.", Answer = MeshJson.Default.GoalView, Problems = [404] },
        new("GET", "/v1/goals/{id}/events", Goals, "followGoal", "Follow a goal's journal")
        {
            Description = $"Server-sent events, each with one journal entry as JSON. {Resuming} The stream ends with the goal; after that there is only 204.",
            Parameters = [ApiParameter.LastEvent, ApiParameter.Number("after", 0, long.MaxValue, 0, "The sequence to go on behind, where `Last-Event-ID` is not given."), Follow],
            Success = "The events as they come.", MediaType = Events, Problems = [404],
        },
        new("GET", "/v1/goals/{id}/wait", Goals, "waitForGoal", "Wait for a goal")
        {
            Description = "Answers when the goal is over or only a person can move it, or, as it is then, when the time is up.",
            Parameters = [ApiParameter.Number("timeout", 0, 300, 30, "Seconds to wait at most.")], Success = "The goal as it stands.", Answer = MeshJson.Default.GoalView, Problems = [404],
        },
        new("GET", "/v1/goals/{id}/explain", Goals, "explainGoal", "Why a goal went as it did")
        {
            Description = "Each decision with its reason, its alternatives and its evidence, read from the journal.", Parameters = [ApiParameter.Words("step", "Only decisions about this step.")],
            Success = "The decisions, oldest first.", Answer = GatewayJson.Default.IReadOnlyListDecision, Problems = [404],
        },
        new("POST", "/v1/goals/{id}/fork", Goals, "forkGoal", "Begin a new goal at a step of this one")
        {
            Description = "What does not depend on the step and is over is kept and not done again; the step and all that depend on it are done anew, and ask for consent anew.",
            Parameters = [ApiParameter.Key], Body = RequestJson.Default.GoalForkRequest, Example = """{"fromStep":"write","instruction":"Answer in French."}""", Status = 201,
            Success = "The new goal is in the journal; `Location` says where it is.", Answer = GatewayJson.Default.GoalAccepted, Problems = [404, 409],
        },
        new("GET", "/v1/goals/{id}/artifacts", Goals, "listArtifacts", "List a goal's artifacts")
        {
            Description = "Without their values. There are never more than a goal may have inputs and steps, so there is one page.", Success = "What was submitted, then what steps made.",
            Answer = GatewayJson.Default.ArtifactListing, Problems = [404],
        },
        new("GET", "/v1/goals/{id}/artifacts/{artifact}", Goals, "getArtifact", "One artifact with its value")
        {
            Description = "A value of more than 4 MiB is left out; download it.", Success = "The artifact.", Answer = MeshJson.Default.Artifact, Problems = [404],
        },
        new("GET", "/v1/goals/{id}/artifacts/{artifact}/raw", Goals, "downloadArtifact", "Download an artifact")
        {
            Description = "The file that was submitted, or the value as JSON. Always as an attachment, and never as a type that a browser runs.", Success = "The bytes.",
            MediaType = "application/octet-stream", Problems = [404],
        },
        new("GET", "/v1/approvals", People, "listApprovals", "What goals ask of people")
        {
            Description = "Goals with open approvals or questions, newest first, with the exact arguments, what of them derives from untrusted text, and the plan so far.",
            Parameters = [ApiParameter.Tenant, ApiParameter.Number("limit", 1, 200, 50, "Goals on a page."), ApiParameter.Before], Success = "One page.", Answer = GatewayJson.Default.ApprovalListing,
        },
        new("GET", "/v1/approvals/events", People, "followApprovals", "Follow what goals ask")
        {
            Description = "Server-sent events: how many are open, and a version that changes with each change; read the list then. Within about a second of the change.",
            Parameters = [ApiParameter.Tenant, ApiParameter.LastEvent], Success = "The events as they come.", MediaType = Events,
        },
        new("POST", "/v1/goals/{id}/requests/{request}/decision", People, "decideApproval", "Approve, reject or edit a call")
        {
            Description = "A consent holds for exactly the arguments that were asked about, or those of the edit. Deciding the same way twice is no error; deciding otherwise is.",
            Body = RequestJson.Default.DecisionRequest, Example = """{"verdict":"edit","arguments":{"title":"Lamp does not light"},"reason":"A better title."}""", Status = 204,
            Success = "It is in the journal.", Problems = [404, 409],
        },
        new("POST", "/v1/goals/{id}/requests/{request}/answer", People, "answerQuestion", "Answer a question")
        {
            Body = RequestJson.Default.AnswerRequest, Example = """{"answer":"yes"}""", Status = 204, Success = "It is in the journal.", Problems = [404, 409],
        },
        new("POST", "/v1/goals/{id}/messages", People, "tellGoal", "Tell a goal something new")
        {
            Description = "It may plan anew.", Parameters = [ApiParameter.Repeat], Body = RequestJson.Default.MessageRequest, Example = """{"text":"The customer has called: it is urgent."}""", Status = 204, Success = "It is in the journal.", Problems = [404, 409],
        },
        new("POST", "/v1/goals/{id}/cancel", People, "cancelGoal", "Cancel a goal")
        {
            Description = "Running steps are told to stop. Cancelling twice is no error.", Body = RequestJson.Default.CancelRequest, Example = """{"reason":"duplicate"}""", Status = 204,
            Success = "It is in the journal.", Problems = [404, 409],
        },
        new("GET", "/v1/roles", Catalogue, "listRoles", "List roles") { Success = "All roles, by name.", Answer = MeshJson.Default.IReadOnlyListRoleDescriptor },
        new("GET", "/v1/tools", Catalogue, "listTools", "List tools") { Success = "All tools, by name.", Answer = MeshJson.Default.IReadOnlyListToolDescriptor },
        new("GET", "/v1/playbooks", Catalogue, "listPlaybooks", "List playbooks") { Success = "All playbooks, by name.", Answer = MeshJson.Default.IReadOnlyListPlaybook },
        new("POST", "/v1/knowledge", Knowledge, "addDocument", "Add or replace a document")
        {
            Parameters = [ApiParameter.Repeat], Body = RequestJson.Default.KnowledgeRequest, Example = """{"collection":"manuals","name":"lamp.md","text":"# The lamp\nPress the switch."}""", Status = 204, Success = "It can be found.",
        },
        new("GET", "/v1/knowledge", Knowledge, "listDocuments", "List documents")
        {
            Parameters = [ApiParameter.Tenant, ApiParameter.Words("collection", "Only of this collection.")], Success = "The documents.", Answer = GatewayJson.Default.IReadOnlyListKnowledgeEntry,
        },
        new("GET", "/v1/knowledge/search", Knowledge, "searchKnowledge", "Search documents")
        {
            Parameters =
            [
                ApiParameter.Query("q", """{"type":"string","minLength":1,"maxLength":2000}""", "The words to look for. Required."), ApiParameter.Tenant, ApiParameter.Words("collection", "Only of this collection."),
                ApiParameter.Number("limit", 1, 100, 5, "Most passages."),
            ],
            Success = "Passages, best first.", Answer = GatewayJson.Default.IReadOnlyListPassage,
        },
        new("GET", "/v1/usage", Machines, "getUsage", "What was spent")
        {
            Description = "Goals, calls, tokens and cost by the day of submission (UTC), tenant and model; of each goal as of its last change of status.",
            Parameters =
            [
                ApiParameter.Query("from", """{"type":"string","format":"date"}""", "The first day; 30 days back where it is left out."),
                ApiParameter.Query("to", """{"type":"string","format":"date"}""", "The last day, included; today where it is left out. At most 366 days."), ApiParameter.Tenant,
            ],
            Success = "The days, oldest first.", Answer = GatewayJson.Default.UsageReport,
        },
        new("GET", "/v1/cluster", Machines, "getCluster", "The machines under the mesh") { Success = "The cluster as it is.", Answer = MeshJson.Default.ClusterView },
        new("GET", "/v1/activity", Machines, "getActivity", "What the machines did")
        {
            Parameters = [ApiParameter.Number("window", 1, 3600, 60, "Seconds back from now.")], Success = "Series by silo.", Answer = MeshJson.Default.ActivityView,
        },
        new("POST", "/v1/cluster/silos/{name}/drain", Machines, "drainSilo", "Take a silo out of service")
        {
            Status = 202, Success = "It began; `GET /v1/cluster` shows how far it is.", Problems = [404, 409],
        },
        new("GET", "/v1/me", Callers, "getCaller", "Who the server takes the caller for") { Success = "The caller.", Answer = GatewayJson.Default.CallerView },
        new("GET", "/v1/keys", Callers, "listKeys", "List API keys") { Parameters = [ApiParameter.Tenant], Success = "All keys, without their secrets.", Answer = GatewayJson.Default.IReadOnlyListKeyView },
        new("POST", "/v1/keys", Callers, "createKey", "Make an API key")
        {
            Description = "Its secret is told this once. To rotate a key, make a second one and revoke the first when nobody uses it any more.", Parameters = [ApiParameter.Repeat], Body = RequestJson.Default.KeyRequest,
            Example = """{"name":"the shop","roles":["submitter"]}""", Status = 201, Success = "The key, with its secret.", Answer = GatewayJson.Default.KeyMade,
        },
        new("DELETE", "/v1/keys/{id}", Callers, "revokeKey", "Revoke an API key") { Status = 204, Success = "It is taken no more.", Problems = [404] },
        new("GET", "/v1/audit", Callers, "readAudit", "Who did what")
        {
            Parameters = [ApiParameter.Tenant, ApiParameter.Words("goal", "Only about this goal."), ApiParameter.Number("limit", 1, 1000, 50, "Lines on a page."), ApiParameter.Before],
            Success = "One page, newest first.", Answer = GatewayJson.Default.AuditListing,
        },
        new("POST", "/v1/webhooks", Webhooks, "createWebhook", "Have a receiver told of events")
        {
            Description = "Messages are signed as the Standard Webhooks lay down; the secret is told this once.", Parameters = [ApiParameter.Repeat], Body = RequestJson.Default.WebhookRequest,
            Example = """{"url":"https://example.com/hook","events":["goal.completed","approval.requested"]}""", Status = 201, Success = "The webhook, with its secret.", Answer = GatewayJson.Default.WebhookMade,
        },
        new("GET", "/v1/webhooks", Webhooks, "listWebhooks", "List webhooks") { Parameters = [ApiParameter.Tenant], Success = "All webhooks, without their secrets.", Answer = GatewayJson.Default.IReadOnlyListWebhookView },
        new("GET", "/v1/webhooks/{id}", Webhooks, "getWebhook", "How a webhook does") { Success = "The webhook as it stands.", Answer = GatewayJson.Default.WebhookView, Problems = [404] },
        new("DELETE", "/v1/webhooks/{id}", Webhooks, "deleteWebhook", "Tell a receiver nothing more") { Status = 204, Success = "It is told nothing more.", Problems = [404] },
        new("POST", "/v1/webhooks/{id}/rotate", Webhooks, "rotateWebhookSecret", "Make a new secret")
        {
            Description = "For a day messages are signed with both, so that a receiver may change over when it likes.", Parameters = [ApiParameter.Repeat], Success = "The webhook, with its new secret.", Answer = GatewayJson.Default.WebhookMade, Problems = [404],
        },
        new("POST", "/v1/webhooks/{id}/test", Webhooks, "testWebhook", "Send a message now") { Success = "What became of it.", Answer = GatewayJson.Default.WebhookTested, Problems = [404] },
        new("POST", "/v1/webhooks/{id}/enable", Webhooks, "enableWebhook", "Take up a webhook that was given up") { Success = "The webhook as it stands.", Answer = GatewayJson.Default.WebhookView, Problems = [404] },
        new("POST", "/v1/webhooks/{id}/replay", Webhooks, "replayWebhook", "Deliver events again")
        {
            Body = RequestJson.Default.WebhookReplay, Example = """{"since":"2026-11-21T00:00:00Z"}""", Success = "How many are delivered again.", Answer = GatewayJson.Default.WebhookReplayed, Problems = [404],
        },
        Probe("startup", "Whether the others may be asked yet."), Probe("ready", "Whether requests may be sent here."), Probe("live", "Whether it must be restarted."),
        new("GET", "/openapi/v1.json", Health, "getApi", "This description") { Success = "OpenAPI 3.1.", Answer = GatewayJson.Default.JsonObject, Open = true },
    ];

    private static ApiOperation Probe(string name, string summary) => new("GET", $"/health/{name}", Health, $"check{char.ToUpperInvariant(name[0])}{name[1..]}", summary)
    {
        Likewise = 503, Success = "It is well.", Answer = GatewayJson.Default.HealthReport, Open = true,
    };
}
