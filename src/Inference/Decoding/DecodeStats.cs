namespace AgentMesh.Inference.Decoding;

/// <summary>What a decode loop does at this moment, and what it did since it started.</summary>
/// <param name="Running">Requests in the batch.</param>
/// <param name="Steps">Decode calls.</param>
/// <param name="PromptTokens">That were asked for; <paramref name="ReusedTokens"/> of them were in the cache.</param>
/// <param name="GeneratedTokens">Forced ones included.</param>
/// <param name="PutBack">Requests that had to leave the batch for want of cells, and went on later.</param>
/// <param name="UsedCells">Of <paramref name="Cells"/>, those of the cache included.</param>
public sealed record DecodeStats(
    int Queued, int Running, int Cells, int UsedCells, int CachedCells, long Steps, long PromptTokens, long ReusedTokens, long GeneratedTokens, long ForcedTokens,
    long Ended, long Cancelled, long Failed, long PutBack, long Evictions);
