namespace AgentMesh.Inference.Gguf;

/// <summary>Types of what a file says of its model; the numbers are those of the format.</summary>
public enum GgufType
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Boolean = 7,
    String = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
}

/// <summary>A value of a file's metadata.</summary>
/// <param name="Type">Of the value, or of each element of an array.</param>
/// <param name="Count">Elements of an array; null where the value is single.</param>
/// <param name="Value">A number, a boolean or a string of its own type. Of an array it is null: arrays (vocabularies, mostly) are checked and skipped.</param>
public readonly record struct GgufValue(GgufType Type, long? Count, object? Value)
{
    /// <summary>A whole number that is not negative; null where it is something else.</summary>
    public long? Whole => Value switch
    {
        byte v => v,
        ushort v => v,
        uint v => v,
        ulong v and <= long.MaxValue => (long)v,
        sbyte v and >= 0 => v,
        short v and >= 0 => v,
        int v and >= 0 => v,
        long v and >= 0 => v,
        _ => null,
    };
}

/// <param name="Shape">One to four sizes; the first is a row's.</param>
/// <param name="Type">As the format numbers it.</param>
/// <param name="Offset">From the start of the file's data.</param>
public sealed record GgufTensor(string Name, IReadOnlyList<long> Shape, int Type, long Offset, long Bytes);

/// <summary>How tensors are stored: numbers of a block, and its bytes.</summary>
internal static class TensorTypes
{
    private static readonly Dictionary<int, (int Block, int Bytes, string Name)> Known = new()
    {
        [0] = (1, 4, "F32"),
        [1] = (1, 2, "F16"),
        [2] = (32, 18, "Q4_0"),
        [3] = (32, 20, "Q4_1"),
        [6] = (32, 22, "Q5_0"),
        [7] = (32, 24, "Q5_1"),
        [8] = (32, 34, "Q8_0"),
        [9] = (32, 36, "Q8_1"),
        [10] = (256, 84, "Q2_K"),
        [11] = (256, 110, "Q3_K"),
        [12] = (256, 144, "Q4_K"),
        [13] = (256, 176, "Q5_K"),
        [14] = (256, 210, "Q6_K"),
        [15] = (256, 292, "Q8_K"),
        [16] = (256, 66, "IQ2_XXS"),
        [17] = (256, 74, "IQ2_XS"),
        [18] = (256, 98, "IQ3_XXS"),
        [19] = (256, 50, "IQ1_S"),
        [20] = (32, 18, "IQ4_NL"),
        [21] = (256, 110, "IQ3_S"),
        [22] = (256, 82, "IQ2_S"),
        [23] = (256, 136, "IQ4_XS"),
        [24] = (1, 1, "I8"),
        [25] = (1, 2, "I16"),
        [26] = (1, 4, "I32"),
        [27] = (1, 8, "I64"),
        [28] = (1, 8, "F64"),
        [29] = (256, 56, "IQ1_M"),
        [30] = (1, 2, "BF16"),
        [34] = (256, 54, "TQ1_0"),
        [35] = (256, 66, "TQ2_0"),
        [39] = (32, 17, "MXFP4"),
        [40] = (64, 36, "NVFP4"),
        [41] = (128, 18, "Q1_0"),
        [42] = (64, 18, "Q2_0"),
    };

    public static IEnumerable<int> All => Known.Keys;

    public static (int Block, int Bytes, string Name)? Of(int type) => Known.TryGetValue(type, out var known) ? known : null;
}
