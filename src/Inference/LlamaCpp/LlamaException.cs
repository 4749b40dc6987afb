namespace AgentMesh.Inference.LlamaCpp;

/// <summary>llama.cpp is missing, is another version, or refused a model or what was asked of it. The message is one line that says what to do.</summary>
public sealed class LlamaException(string message, Exception? inner = null) : Exception(message, inner);
