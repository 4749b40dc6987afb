using AgentMesh.Inference.Templates.Jinja;
using FsCheck;
using FsCheck.Fluent;

namespace AgentMesh.Inference.Tests.Templates;

public sealed class JinjaTests
{
    private const string Values = """{"s":"ab c","n":3,"f":2.0,"big":1e16,"yes":true,"none":null,"list":[3,1,2],"d":{"b":1,"A":"x","items":7},"rows":[{"k":"b","v":2},{"k":"a"},{"k":"B","v":null}],"odd":"é\n\"<🎉>"}""";

    [Theory]
    // Python's printing
    [InlineData("{{ yes }} {{ none }} {{ f }} {{ big }} {{ 1e-5 }} {{ 7 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }}", "True None 2.0 1e+16 1e-05 3.5 3 -4 2 1024")]
    [InlineData("{{ list }} {{ d }} {{ (1,) }} {{ ['it\\'s', 'x\\n'] }}", """[3, 1, 2] {'b': 1, 'A': 'x', 'items': 7} (1,) ["it's", 'x\n']""")]
    [InlineData("{{ missing }}|{{ d.missing }}|{{ none.x is defined }}|{{ missing is defined }}", "||False|False")]
    [InlineData("{{ 'a' if missing else 'b' }}{{ 'c' if missing }}{{ 1 < 2 < 3 }}{{ 1 == 1.0 }}{{ true == 1 }}", "bTrueTrueTrue")]
    [InlineData("{{ missing or 'x' }}{{ s and n }}{{ not n }}{{ 2 in list }}{{ 5 not in list }}{{ 'b c' in s }}{{ 'A' in d }}", "x3FalseTrueTrueTrueTrue")]
    [InlineData("{{ 1 ~ 'a' ~ none ~ missing }}{{ 'ab' * 2 }}{{ [1] + [2] }}{{ 2 * 3 ~ '!' }}", "1aNoneabab[1, 2]6!")]
    [InlineData("{{ 'ab' 'cd' }}{{ \"\\u00e9\\x41\\t\" }}{{ '\\d' }}", "abcdéA\t\\d")]
    // slices and members
    [InlineData("{{ s[0] }}{{ s[-1] }}{{ s[1:] }}{{ s[::-1] }}{{ list[-2:] }}{{ list[::2] }}{{ odd[-2] }}{{ odd|length }}", "acb cc ba[1, 2][3, 2]🎉6")]
    [InlineData("{{ d['items'] }}{{ d.items() | length }}{{ d.get('zz', 5) }}{{ d.get('zz') }}{{ d.b }}{{ d.keys() | join }}", "735None1bAitems")]
    [InlineData("{{ s.split(' ')[1] }}{{ ' x '.strip() }}{{ 'xxa'.lstrip('x') }}{{ s.upper() }}{{ s.startswith('ab') }}{{ s.replace('b', 'B') }}{{ s.find('c') }}{{ s.count('b') }}", "cxaAB CTrueaB c31")]
    [InlineData("{{ 'a,b,c'.split(',', 1) }}{{ 'a  b'.split() }}{{ '{} {x}'.format(1, x=2) }}{{ '%s-%d' % ('a', 3) }}{{ 'they\\'re one-two'.title() }}", "['a', 'b,c']['a', 'b']1 2a-3They'Re One-Two")]
    // filters
    [InlineData("{{ list|sort|join(', ') }}{{ list|first }}{{ list|last }}{{ list|max }}{{ s|title }}{{ s|capitalize }}{{ 'A'|lower }}", "1, 2, 3323Ab CAb ca")]
    [InlineData("{{ d|dictsort }}{% for k, v in d|items %}{{ k }}={{ v }};{% endfor %}", "[('A', 'x'), ('b', 1), ('items', 7)]b=1;A=x;items=7;")]
    [InlineData("{{ rows|map(attribute='k')|list }}{{ rows|selectattr('v')|map(attribute='k')|join }}{{ rows|selectattr('v', 'defined')|list|length }}{{ rows|rejectattr('k', 'equalto', 'a')|list|length }}", "['b', 'a', 'B']b22")]
    [InlineData("{{ list|select('gt', 1)|list }}{{ list|reject('odd')|list }}{{ rows|map(attribute='k')|unique|join }}{{ rows|sort(attribute='k')|map(attribute='k')|join }}", "[3, 2][2]baabB")]
    [InlineData("{{ missing|default('x') }}{{ none|default('x') }}{{ ''|default('x', true) }}{{ '4'|int + 1 }}{{ 'x'|int }}{{ '1.5'|float }}{{ n|string ~ 'a' }}{{ list|reverse|list }}", "xNonex501.53a[2, 1, 3]")]
    [InlineData("{{ 'a\nb\n\nc'|indent(2) }}|{{ 'a\nb'|indent(2, first=true) }}", "a\n  b\n\n  c|  a\n  b")]
    [InlineData("{{ odd|tojson }}{{ odd|tojson(ensure_ascii=true) }}", "\"é\\n\\\"<🎉>\"\"\\u00e9\\n\\\"<\\ud83c\\udf89>\"")]
    [InlineData("{{ {'a': [1, {}], 'b': none, 'c': 1.0}|tojson }}\n{{ {'a': [1, []]}|tojson(indent=2) }}", "{\"a\": [1, {}], \"b\": null, \"c\": 1.0}\n{\n  \"a\": [\n    1,\n    []\n  ]\n}")]
    // tests
    [InlineData("{{ s is string }}{{ d is mapping }}{{ list is iterable }}{{ s is sequence }}{{ n is number }}{{ yes is integer }}{{ yes is boolean }}{{ none is none }}{{ n is divisibleby 3 }}{{ n is not eq 4 }}{{ n is in list }}", "TrueTrueTrueTrueTrueFalseTrueTrueTrueTrueTrue")]
    // statements
    [InlineData("{% for x in list if x > 1 %}{{ loop.index }}/{{ loop.length }}{{ x }}{{ ',' if not loop.last }}{% else %}none{% endfor %}", "1/23,2/22")]
    [InlineData("{% for x in [] %}a{% else %}none{% endfor %}{% for x in range(5) %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}", "none02")]
    [InlineData("{% set ns = namespace(a=0) %}{% set b = 0 %}{% for x in list %}{% set ns.a = ns.a + x %}{% set b = b + x %}{% endfor %}{{ ns.a }}{{ b }}", "60")]
    [InlineData("{% set x %} a {{ n }}{% endset %}[{{ x }}]{% set y | trim | upper %} q {% endset %}{{ y }}{% set a, b = 1, 2 %}{{ b }}{% filter upper %}z{% endfilter %}", "[ a 3]Q2Z")]
    [InlineData("{% macro m(a, b='x', c=b) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}{{ m(1, c=3) }}{{ m(b=2, a=0) }}", "1xx1x3022")]
    [InlineData("{% macro m(a) %}<{{ a }}{{ caller('q') }}>{% endmacro %}{% call(z) m(1) %}in{{ z }}{% endcall %}{% with q = 4 %}{{ q }}{% endwith %}{{ q }}", "<1inq>4")]
    [InlineData("{% generation %}a{% endgeneration %}{% raw %}{{ x }}{% endraw %}{# no #}{{ strftime_now('%d %b %Y %-I:%M %p') }}", "a{{ x }}05 Mar 2026 2:07 PM")]
    // whitespace
    [InlineData("a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  b\nc")]
    [InlineData("a \n {%- if true -%} \n b {%- endif +%}\n c {{- 1 -}} \n d", "ab\n c1d")]
    [InlineData("  {%+ if true %}x{% endif %}\n  {# c #}\n y\r\nz", "  x y\nz")]
    public void Renders_as_jinja_does(string template, string expected) => Assert.Equal(expected, Jinja.Render(template, Values));

    [Theory]
    [InlineData("a\n{{ x.y.z }}", 2, "undefined")]
    [InlineData("{% if true %}", 1, "endif")]
    [InlineData("{{ 'a' + 1 }}", 1, "'+'")]
    [InlineData("\n\n{% nope %}", 3, "no tag")]
    [InlineData("{{ 1|nope }}", 1, "no filter 'nope'")]
    [InlineData("{{ 1 is nope }}", 1, "no test 'nope'")]
    [InlineData("{{ nope() }}", 1, "'nope'")]
    [InlineData("{{ 'abc }}", 1, "no end")]
    [InlineData("{{ 1", 1, "no end")]
    [InlineData("{% include 'x' %}", 1, "no other files")]
    [InlineData("{{ ''.__class__.__mro__ }}", 1, "undefined")]
    [InlineData("{{ 9223372036854775807 + 1 }}", 1, "64 bits")]
    public void Mistakes_say_where_they_are(string template, int line, string words)
    {
        var e = Assert.Throws<TemplateException>(() => Jinja.Render(template));
        Assert.Equal(line, e.Line);
        Assert.True(e.Column > 0);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_may_refuse()
    {
        var e = Assert.Throws<TemplateException>(() => Jinja.Render("{{ raise_exception('No system role') }}"));
        Assert.True(e.Refused);
        Assert.Equal("No system role", e.Problem);
    }

    [Theory]
    [InlineData("{% for a in range(1000000000) %}{% endfor %}")]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}")]
    [InlineData("{{ 'x' * 1000000000000 }}")]
    [InlineData("{{ [1] * 1000000000000 }}")]
    [InlineData("{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s == ns.s }}")]
    [InlineData("{% set l = [] %}{{ l.append(l) }}{{ l }}")]
    [InlineData("{% set l = [] %}{{ l.append(l) }}{{ l|tojson }}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{{ 'x'.center(999999999999) }}{{ 'x'|indent(999999999999) }}")]
    [InlineData("{{ '%999999999s' % 'x' }}")]
    [InlineData("{{ '{:>999999999}'.format('x') }}")]
    [InlineData("{{ ('x' * 100000).replace('x', 'y' * 100000) }}")]
    [InlineData("{{ ('x' * 100000).replace('', 'y' * 100000) }}")]
    [InlineData("{{ (['x' * 100000] * 100000) | join }}")]
    [InlineData("{{ 2 ** 100000 }}")]
    public void A_hostile_template_ends_at_its_limits(string template)
    {
        var e = Assert.Throws<TemplateException>(() => Jinja.Render(template, limits: new TemplateLimits(Output: 1_000_000, Steps: 1_000_000, Characters: 4_000_000)));
        Assert.Equal(1, e.Line);
    }

    [Fact]
    public void Depth_is_bounded_in_the_parser_too()
    {
        Assert.Throws<TemplateException>(() => Jinja.Render("{{ " + new string('(', 5000) + "1" + new string(')', 5000) + " }}"));
        Assert.Throws<TemplateException>(() => Jinja.Render("{{ " + string.Concat(Enumerable.Repeat("not ", 5000)) + "1 }}"));
        Assert.Throws<TemplateException>(() => Jinja.Render("{{ " + string.Concat(Enumerable.Repeat("1+", 5000)) + "1 }}"));
        Assert.Throws<TemplateException>(() => Jinja.Render(string.Concat(Enumerable.Repeat("{% if true %}", 5000))));
        Assert.Throws<TemplateException>(() => Jinja.Render("{{ " + string.Concat(Enumerable.Repeat("1 if 1 else ", 5000)) + "1 }}"));
    }

    [Theory]
    [InlineData("[{{ s|trim|upper }}]", "[....]")]
    [InlineData("{{ ('<' + s + '>')|tojson }}", "\"<......>\"")]
    [InlineData("{{ 'a-b'.replace('-', s) }}", "a......b")]
    [InlineData("{{ s.split('x')|join('+') }}", "...+..")]
    [InlineData("{{ '%s!' % s }}{{ '{}?'.format(s) }}", "......!......?")]
    [InlineData("{% macro m(a) %}({{ a }}){% endmacro %}{% set q %}{{ m(s) }}{% endset %}{{ q[1:3] ~ 'e' }}", "..e")]
    [InlineData("{{ [s, 'k'] }}", "['......', 'k']")]
    [InlineData("{{ s|indent(2, true) }}", "  ......")]
    [InlineData("{% for c in s.strip() %}{{ c }}-{% endfor %}", ".-.-.-.-")]
    public void What_comes_from_outside_is_known_through_everything(string template, string pattern)
    {
        var text = Jinja.Marked(template, """{"s":" aqxb "}""");
        Assert.Equal(pattern, string.Concat(text.Value.Select((c, i) => text[i] ? '.' : c)));
    }

    [Fact]
    public void Random_text_never_throws_anything_else()
    {
        string[] words = ["{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "if", "endif", "for", "endfor", "in", "x", "list", "set", "=", "==", "(", ")", "[", "]", ":", ",", ".", "|", "~", "'", "\"", "a", "\n", " ", "1", "-3", "2.5", "macro", "endmacro", "is", "not", "else", "trim", "tojson", "join", "length", "loop", "*", "/", "%", "range", "namespace", "\\", "é", "🎉", "raw", "endraw", "split", "strip", "items", "defined", "none", "true", "**", "sort", "map", "int", "{", "}", "first"];
        var text = Gen.Elements(words).ListOf().Select(w => string.Join(' ', w));
        var inTag = text.Select(t => "{{ " + t + " }}");
        Prop.ForAll(Gen.OneOf(text, inTag, Gen.Elements(words).ListOf().Select(string.Concat)).ToArbitrary(), t =>
        {
            try
            {
                Jinja.Render(t, Values, new TemplateLimits(100_000, 100_000, 1_000_000));
            }
            catch (TemplateException)
            {
                // The only exception that may come out.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(40));
    }
}
