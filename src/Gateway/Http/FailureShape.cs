using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Http;

/// <summary>Why a request cannot be served.</summary>
/// <param name="Code">Stable; clients tell failures apart by it.</param>
internal sealed record Failure(int Status, string Code, string Detail);

/// <summary>How an endpoint says that it failed, where its protocol has another form than RFC 9457. Metadata of the endpoint.</summary>
internal sealed record FailureShape(Func<Failure, IResult> Result);
