using System.Text;

namespace AgentMesh.Gateway.Tests.Telemetry;

/// <summary>A protobuf message, read by the numbers of its fields.</summary>
internal sealed class Message
{
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> fields = [];

    public Message(ReadOnlyMemory<byte> wire)
    {
        var at = 0;
        while (at < wire.Length)
        {
            var tag = Varint();
            var field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0: fields.Add((field, Varint(), default)); break;
                case 1: fields.Add((field, BitConverter.ToUInt64(Take(8).Span), default)); break;
                case 2: fields.Add((field, 0, Take((int)Varint()))); break;
                case 5: fields.Add((field, BitConverter.ToUInt32(Take(4).Span), default)); break;
                default: throw new InvalidDataException($"Field {field} is of type {tag & 7}.");
            }
        }

        ulong Varint()
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var b = wire.Span[at++];
                value |= (ulong)(b & 0x7f) << shift;
                if (b < 0x80) return value;
            }
        }

        ReadOnlyMemory<byte> Take(int length) => wire.Slice((at += length) - length, length);
    }

    public bool Has(int field) => fields.Exists(f => f.Field == field);

    public IEnumerable<Message> All(int field) => fields.Where(f => f.Field == field).Select(f => new Message(f.Bytes));

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field));

    public long Number(int field) => (long)fields.LastOrDefault(f => f.Field == field).Number;

    private ReadOnlySpan<byte> Bytes(int field) => fields.LastOrDefault(f => f.Field == field).Bytes.Span;
}
