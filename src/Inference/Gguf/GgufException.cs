namespace AgentMesh.Inference.Gguf;

/// <summary>A file is not a model file, or not a whole one. The message is one line that names the file and what is wrong with it.</summary>
public sealed class GgufException(string path, string problem) : Exception($"{path} is not a usable GGUF file: {problem}.");
