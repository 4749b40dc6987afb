namespace AgentMesh.Inference.Grammars;

/// <summary>Follows the JSON that is written and knows which names each open object has: no object gets a name twice.</summary>
internal sealed class KeyWatch
{
    private enum Place { Value, Name, Text, Escape, NameEscape }

    // Names of open objects; null for an open array.
    private readonly List<HashSet<string>?> open;
    private readonly List<byte> name;
    private Place place;
    private bool nameNext;

    public KeyWatch() => (open, name) = ([], []);

    public KeyWatch(KeyWatch other)
    {
        open = [.. other.open.Select(names => names is null ? null : new HashSet<string>(names, StringComparer.Ordinal))];
        name = [.. other.name];
        (place, nameNext) = (other.place, other.nameNext);
    }

    /// <summary>The names of the object that one is being written in, as bytes behind what is written already with the closing quote; none elsewhere.</summary>
    public IEnumerable<byte[]> Rests()
    {
        if (place != Place.Name || open[^1] is not { } names) yield break;
        var written = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(name).ToArray();
        foreach (var taken in names)
        {
            var bytes = Convert.FromHexString(taken);
            if (bytes.AsSpan().StartsWith(written)) yield return [.. bytes.AsSpan(written.Length), (byte)'"'];
        }
    }

    /// <returns>Whether the byte does not end a name that the object has.</returns>
    public bool Read(byte value)
    {
        switch (place)
        {
            case Place.Escape: place = Place.Text; break;
            case Place.NameEscape: name.Add(value); place = Place.Name; break;
            case Place.Text: place = value switch { (byte)'"' => Place.Value, (byte)'\\' => Place.Escape, _ => Place.Text }; break;
            case Place.Name when value == (byte)'"':
                place = Place.Value;
                return open[^1]!.Add(Convert.ToHexString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(name)));
            case Place.Name:
                name.Add(value);
                if (value == (byte)'\\') place = Place.NameEscape;
                break;
            default: Structure(value); break;
        }

        return true;
    }

    private void Structure(byte value)
    {
        switch (value)
        {
            case (byte)'{': open.Add(new(StringComparer.Ordinal)); nameNext = true; break;
            case (byte)'[': open.Add(null); nameNext = false; break;
            case (byte)'}' or (byte)']': open.RemoveAt(open.Count - 1); nameNext = false; break;
            case (byte)',': nameNext = open[^1] is not null; break;
            case (byte)'"' when nameNext: place = Place.Name; name.Clear(); nameNext = false; break;
            case (byte)'"': place = Place.Text; break;
        }
    }
}
