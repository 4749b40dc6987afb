using System.Globalization;
using System.Text;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Python's strftime, in English.</summary>
internal static class TimeFormat
{
    public static string Write(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var bare = format[++i] == '-' && i + 1 < format.Length;
            if (bare) i++;
            var part = Part(time, format[i]);
            text.Append(bare && part.Length > 1 ? part.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : part);
        }

        return text.ToString();
    }

    private static string Part(DateTimeOffset time, char part) => part switch
    {
        'Y' => In("yyyy", time),
        'y' => In("yy", time),
        'm' => In("MM", time),
        'd' => In("dd", time),
        'e' => In("%d", time).PadLeft(2),
        'B' => In("MMMM", time),
        'b' or 'h' => In("MMM", time),
        'A' => In("dddd", time),
        'a' => In("ddd", time),
        'H' => In("HH", time),
        'I' => In("hh", time),
        'M' => In("mm", time),
        'S' => In("ss", time),
        'f' => In("ffffff", time),
        'p' => In("tt", time),
        'F' => In("yyyy-MM-dd", time),
        'T' or 'X' => In("HH:mm:ss", time),
        'R' => In("HH:mm", time),
        'D' or 'x' => In("MM/dd/yy", time),
        'c' => $"{In("ddd MMM", time)} {In("%d", time),2} {In("HH:mm:ss yyyy", time)}",
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        // A naive time in Python has no zone to write.
        'z' or 'Z' => "",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => "%" + part,
    };

    private static string In(string format, DateTimeOffset time) => time.ToString(format, CultureInfo.InvariantCulture);
}
