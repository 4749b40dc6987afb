using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>Where ids come from.</summary>
public interface IGoalIds
{
    GoalId Next();
}

/// <summary>Ids that sort by time of submission and cannot be guessed from each other: a version 7 UUID in 26 lower-case base 32 characters.</summary>
public sealed class TimeOrderedGoalIds(TimeProvider time) : IGoalIds
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    public GoalId Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(time.GetUtcNow()).TryWriteBytes(bytes, bigEndian: true, out _);
        var value = new UInt128(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes), System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        return Write(value);
    }

    /// <summary>128 bits in the form that goal ids have.</summary>
    public static GoalId Write(UInt128 value) => new(string.Create(26, value, static (text, left) =>
    {
        for (var i = text.Length - 1; i >= 0; i--, left >>= 5) text[i] = Alphabet[(int)(left & 31)];
    }));
}
