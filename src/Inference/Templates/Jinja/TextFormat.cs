using System.Globalization;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>'{} {name}'.format(…) and '%s' % …, as far as chat templates use them: fill, alignment, width, precision, and the kinds s, d, f, x, %.</summary>
internal static class TextFormat
{
    public static MarkedText Braces(MarkedText format, Arguments arguments, Meter meter)
    {
        var built = new MarkedBuilder(meter);
        var automatic = 0;
        for (var i = 0; i < format.Length; i++)
        {
            var c = format.Value[i];
            if (c is '{' or '}' && i + 1 < format.Length && format.Value[i + 1] == c) i++;
            else if (c == '{')
            {
                var end = format.Value.IndexOf('}', i);
                if (end < 0) throw new EvaluationException("format: a '{' has no '}'.");
                var field = format.Value[(i + 1)..end];
                var colon = field.IndexOf(':');
                var name = (colon < 0 ? field : field[..colon]).Split('!')[0];
                if (name.AsSpan().IndexOfAny('.', '[') >= 0) throw new EvaluationException("format: attributes inside of {} are not supported.");
                var value = name.Length == 0 ? At(arguments, automatic++)
                    : int.TryParse(name, NumberStyles.None, null, out var index) ? At(arguments, index)
                    : arguments.Named.TryGetValue(name, out var named) ? named : throw new EvaluationException($"format: nothing is given for '{name}'.");
                built.Add(Formatted(value, colon < 0 ? "" : field[(colon + 1)..], meter));
                i = end;
                continue;
            }
            else if (c == '}') throw new EvaluationException("format: a '}' has no '{'.");

            built.Add(c, format[i]);
        }

        return built.Build();
    }

    public static MarkedText Percent(MarkedText format, IReadOnlyList<object?> values, Meter meter)
    {
        var built = new MarkedBuilder(meter);
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format.Value[i] != '%')
            {
                built.Add(format.Value[i], format[i]);
                continue;
            }

            var end = i + 1;
            while (end < format.Length && "0123456789.- ".Contains(format.Value[end])) end++;
            if (end >= format.Length) throw new EvaluationException("'%' at a format's end formats nothing.");
            var kind = format.Value[end];
            if (kind == '%') built.Add('%');
            else
            {
                if (next >= values.Count) throw new EvaluationException("a format has more places than values.");
                var spec = format.Value[(i + 1)..end];
                var value = values[next++];
                built.Add(kind switch
                {
                    's' => Formatted(value is MarkedText ? value : PythonText.Str(value, meter), spec.StartsWith('-') ? "<" + spec[1..] : spec.Length > 0 ? ">" + spec : "", meter),
                    'r' => Repr(value, meter),
                    'd' or 'i' => Formatted(Python.Number(value) is double d ? (long)d : value, spec, meter),
                    'f' or 'x' => Formatted(value, spec + kind, meter),
                    _ => throw new EvaluationException($"the format '%{kind}' is not supported."),
                });
            }

            i = end;
        }

        return next < values.Count ? throw new EvaluationException("a format has fewer places than values.") : built.Build();
    }

    private static MarkedText Repr(object? value, Meter meter)
    {
        var built = new MarkedBuilder(meter);
        PythonText.Repr(value, built, meter);
        return built.Build();
    }

    private static object? At(Arguments arguments, int index) =>
        index < arguments.Positional.Count ? arguments.Positional[index] : throw new EvaluationException("a format has more places than values.");

    private static MarkedText Formatted(object? value, string spec, Meter meter)
    {
        if (spec.Length == 0) return PythonText.Str(value, meter);
        var at = 0;
        var fill = ' ';
        var align = value is MarkedText ? '<' : '>';
        if (spec.Length > 1 && spec[1] is '<' or '>' or '^') (fill, align, at) = (spec[0], spec[1], 2);
        else if (spec[0] is '<' or '>' or '^') (align, at) = (spec[0], 1);
        if (at < spec.Length && spec[at] == '0') (fill, at) = (at == 0 ? '0' : fill, at + 1);
        var width = Digits(spec, ref at);
        var precision = -1;
        if (at < spec.Length && spec[at] == '.')
        {
            at++;
            precision = Digits(spec, ref at);
        }

        var kind = at < spec.Length ? spec[at++] : '\0';
        if (at != spec.Length) throw new EvaluationException($"the format '{spec}' is not supported.");
        var text = (kind, Python.Number(value)) switch
        {
            ('\0' or 's', _) when value is MarkedText whole => precision >= 0 ? CodePoints.Slice(whole, null, (long)precision, null, meter) : whole,
            ('f', { } number) => MarkedText.Own(Convert.ToDouble(number).ToString("F" + Math.Min(precision < 0 ? 6 : precision, 99), CultureInfo.InvariantCulture)),
            ('%', { } number) => MarkedText.Own((Convert.ToDouble(number) * 100).ToString("F" + Math.Min(precision < 0 ? 6 : precision, 99), CultureInfo.InvariantCulture) + "%"),
            ('x', long number) => MarkedText.Own(number.ToString("x", CultureInfo.InvariantCulture)),
            ('\0' or 'd', not double) when precision < 0 => PythonText.Str(value is bool ? Python.Number(value) : value, meter),
            ('\0', double) when precision < 0 => PythonText.Str(value, meter),
            _ => throw new EvaluationException($"the format '{spec}' is not supported for {Python.Kind(value)}."),
        };
        return TextEdits.Pad(text, width, fill, align == '>' ? 1 : align == '<' ? 0 : 0.5, meter);
    }

    private static int Digits(string spec, ref int at)
    {
        var start = at;
        while (at < spec.Length && char.IsAsciiDigit(spec[at])) at++;
        return at == start ? 0 : int.TryParse(spec.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var number) ? number : throw new EvaluationException("a format's width is too large.");
    }
}
