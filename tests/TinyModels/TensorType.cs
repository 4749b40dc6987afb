namespace AgentMesh.TinyModels;

/// <summary>How a tensor's numbers are stored; the values are those of the file format.</summary>
public enum TensorType
{
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q8_0 = 8,
}
