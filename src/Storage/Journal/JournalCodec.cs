using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMesh.Contracts;

namespace AgentMesh.Storage.Journal;

/// <summary>
/// The stored form of one append: <c>[time, event, time, event, …]</c> as UTF-8 JSON, packed (<see cref="PackedBytes"/>) where that is smaller. Sequences follow from the row's first one. Times are unix
/// milliseconds, each after the first as the difference to the one before. What can be written can be read: reading is never stricter.
/// </summary>
internal static class JournalCodec
{
    // Calls may carry values of 64 levels, which the events around them deepen.
    private const int MaxDepth = 256;

    private static readonly JsonTypeInfo<GoalEvent> Event = new MeshJson(new JsonSerializerOptions(MeshJson.Default.Options)
    {
        AllowDuplicateProperties = true, MaxDepth = MaxDepth,
    }).GoalEvent;

    [ThreadStatic] private static ArrayBufferWriter<byte>? _buffer;
    [ThreadStatic] private static Utf8JsonWriter? _writer;

    public static byte[] Write(IReadOnlyList<JournalEntry> entries)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(4096);
        var writer = _writer ??= new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = MaxDepth, SkipValidation = true });
        try
        {
            writer.WriteStartArray();
            var before = 0L;
            for (var i = 0; i < entries.Count; i++)
            {
                var at = entries[i].At.ToUnixTimeMilliseconds();
                writer.WriteNumberValue(at - before);
                before = at;
                JsonSerializer.Serialize(writer, entries[i].Event, Event);
            }
            writer.WriteEndArray();
            writer.Flush();
            return PackedBytes.Pack(buffer.WrittenSpan);
        }
        finally
        {
            // A huge append must not keep its memory for the thread's life.
            if (buffer.Capacity > 1 << 20) buffer = _buffer = new ArrayBufferWriter<byte>(4096);
            else buffer.ResetWrittenCount();
            writer.Reset(buffer);
        }
    }

    /// <summary>Adds the row's entries after a sequence.</summary>
    public static void Read(ReadOnlySpan<byte> stored, long first, long after, List<JournalEntry> entries)
    {
        var reader = new Utf8JsonReader(PackedBytes.Unpack(stored), new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        var at = 0L;
        for (var sequence = first; reader.Read() && reader.TokenType == JsonTokenType.Number; sequence++)
        {
            at += reader.GetInt64();
            reader.Read();
            if (sequence <= after)
                reader.Skip();
            else
                entries.Add(new(sequence, DateTimeOffset.FromUnixTimeMilliseconds(at), JsonSerializer.Deserialize(ref reader, Event)!));
        }
    }
}
